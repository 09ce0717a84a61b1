/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pool.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

/* Each letter takes an instance for that role; "-n" releases instance n. Expected: the instances in
 * order, "!" behind those that had the role. */
static const struct {
    const char *name;
    unsigned size;
    const char *script, *expected;
} cases[] = {
    {"fresh ones first", 3, "abc", "123"},
    {"the same role comes back", 3, "ab-1-2ba", "122!1!"},
    {"the most recent of a role", 3, "aaa-1-3-2a", "1232!"},
    {"a fresh one before another role", 2, "a-1b", "12"},
    {"another role when there is no fresh one", 1, "a-1ba", "112"},
    {"the one that was idle longest", 3, "abc-2-3-1d", "1232"},
    {"grows when all are taken", 1, "ab", "12"},
    {"a role that was lost is not found", 2, "ab-1-2c-1a", "1212"},
    {"old entries are not believed", 2, "a-1a-1a-1bb-1-2c", "11!1!211"},
};

static void play(struct pool *pool, const char *script, char *out)
{
    for (const char *p = script; *p; p++) {
        bool reused;
        if (*p == '-') {
            pool_release(pool, (unsigned)(*++p - '0'));
            continue;
        }
        *out++ = (char)('0' + pool_take(pool, (char[]){*p, '\0'}, &reused));
        if (reused)
            *out++ = '!';
    }
    *out = '\0';
}

Test(pool, places_agents)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pool *pool = pool_new(cases[i].size);
        char out[64];
        play(pool, cases[i].script, out);
        cr_expect_str_eq(out, cases[i].expected, "%s: %s", cases[i].name, out);
        pool_free(pool);
    }
}

Test(pool, counts)
{
    struct pool *pool = pool_new(2);
    char out[64];

    play(pool, "ab-1-2bc", out);
    cr_assert_eq(pool_count(pool), 2);
    cr_assert_eq(pool_taken(pool), 4);
    cr_assert_eq(pool_reused(pool), 1);
    pool_free(pool);
    pool_free(NULL);
}

Test(pool, only_the_same_role_on_request)
{
    struct pool *pool = pool_new(1);
    bool reused;

    cr_assert_eq(pool_take_same(pool, "a"), 0);
    cr_assert_eq(pool_take(pool, "a", &reused), 1);
    cr_assert_eq(pool_take_same(pool, "a"), 0, "it is taken");
    pool_release(pool, 1);
    cr_assert_eq(pool_take_same(pool, "b"), 0);
    cr_assert_eq(pool_take_same(pool, "a"), 1);
    cr_assert_eq(pool_reused(pool), 1);
    pool_free(pool);
}

Test(pool, nothing_is_released_twice, .signal = SIGABRT)
{
    struct pool *pool = pool_new(1);
    bool reused;

    pool_release(pool, pool_take(pool, "a", &reused));
    pool_release(pool, 1);
}

Test(pool, instance_zero_does_not_exist, .signal = SIGABRT)
{
    pool_release(pool_new(1), 0);
}

Test(pool, only_what_exists_is_released, .signal = SIGABRT)
{
    pool_release(pool_new(1), 1);
}
