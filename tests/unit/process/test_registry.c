/* SPDX-License-Identifier: Apache-2.0 */
#include "process/registry.h"

#include "base/text.h"

#include <criterion/criterion.h>

enum { MANY = 1000 };

static struct attempt *add(struct registry *registry, int i)
{
    AUTO_FREE char *id = text_format("ORG_1.%d", i);
    struct attempt *attempt = attempt_new(id);

    registry_add(registry, attempt);
    attempt->pid = attempt->session = 1000 + i;
    registry_add_pid(registry, attempt);
    return attempt;
}

static void count(void *ctx, struct attempt *attempt UNUSED)
{
    ++*(size_t *)ctx;
}

Test(registry, finds_by_identity_and_by_pid)
{
    struct registry registry = {0};
    struct attempt *all[MANY];
    size_t counted = 0;

    cr_expect_null(registry_find(&registry, "ORG_1.0"));
    cr_expect_null(registry_find_pid(&registry, 1));
    for (int i = 0; i < MANY; i++)
        all[i] = add(&registry, i);
    for (int i = 0; i < MANY; i++) {
        cr_expect_eq(registry_find(&registry, all[i]->id), all[i]);
        cr_expect_eq(registry_find_pid(&registry, 1000 + i), all[i]);
    }
    registry_each(&registry, count, &counted);
    cr_expect_eq(counted, MANY);
    cr_expect_eq(registry.count, MANY);
    registry_free(&registry);
}

Test(registry, what_is_removed_is_past)
{
    struct registry registry = {0};

    for (int i = 0; i < MANY; i++) {
        struct attempt *attempt = add(&registry, i);
        cr_expect_not(registry_maybe_past(&registry, attempt->id));
        registry_remove(&registry, attempt);
        cr_expect(registry_maybe_past(&registry, attempt->id));
        cr_expect_null(registry_find(&registry, attempt->id));
        cr_expect_null(registry_find_pid(&registry, 1000 + i));
        attempt_free(attempt);
    }
    cr_expect_eq(registry.count, 0);
    registry_add_past(&registry, "ORG_1.0");
    cr_expect_eq(registry.past_count, MANY, "a name is past once");
    registry_free(&registry);
}

/* The number of an attempt whose main process is gone can be given to another one's. */
Test(registry, the_newest_of_a_pid_is_found)
{
    struct registry registry = {0};
    struct attempt *old = add(&registry, 1);
    struct attempt *young = attempt_new("young");

    registry_add(&registry, young);
    young->pid = young->session = old->session;
    registry_add_pid(&registry, young);
    cr_expect_eq(registry_find_pid(&registry, young->pid), young);
    registry_remove(&registry, young);
    cr_expect_eq(registry_find_pid(&registry, old->pid), old);
    attempt_free(young);
    registry_free(&registry);
}
