/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/homes.h"

#include "sample.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

static const char *content(const char *path, struct arena *a)
{
    AUTO_TEXT now = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(os_read_file(path, 1000, &now, &f), 0, "%s", f.message);
    return arena_string(a, text_get(&now));
}

Test(homes, secrets_go_from_files_and_stay_behind_links)
{
    static const char *values[] = {"hush-hush-hush"};
    const struct strings secrets = {values, 1};
    struct world w;
    struct redact r;

    (void)sample_begin(&w);
    const char *session = world_write(&w, "homes/x/a/b.jsonl", "hush-hush-hush", 14);
    const char *log = world_write(&w, "homes/x/state.db-wal", "hush-hush-hush", 14);
    const char *login = world_write(&w, "login", "hush-hush-hush", 14);
    const char *home = arena_format(&w.arena, "%s/homes/x", w.dir);
    cr_assert_eq(symlink(login, arena_format(&w.arena, "%s/auth", home)), 0);
    redact_init(&r, &secrets, &w.arena);
    cr_expect_eq(homes_redact(home, &r), 1);
    cr_expect_str_eq(content(session, &w.arena), "**************");
    cr_expect_str_eq(content(login, &w.arena), "hush-hush-hush");
    cr_expect_str_eq(content(log, &w.arena), "hush-hush-hush");
    cr_expect_eq(homes_redact("/nowhere", &r), 0);
    world_end(&w);
}

/* The child has ended well, and its clone is not needed any more; the one of nobody stays. */
Test(homes, those_of_what_is_done_go)
{
    struct world w;

    world_end_job(&w, sample_begin(&w),
                  (struct outcome){.usd = -1, .worked = true, .tool_calls = 1, .claim = CLAIM_OK});
    world_end_job(&w, world_until(&w, JOB_AGENT),
                  (struct outcome){.usd = -1, .worked = true, .tool_calls = 1, .claim = CLAIM_OK});
    const char *open = world_write(&w, "homes/ORG_4729.1-I1/s", "x", 1);
    const char *again = world_write(&w, "homes/ORG_4729.1.g1-I1/s", "x", 1);
    const char *other = world_write(&w, "homes/ORG_4730-I1/s", "x", 1);
    homes_sweep(&w.e);
    cr_expect(os_exists(open), "the child has not ended");
    (void)world_until(&w, JOB_REPORT);
    homes_sweep(&w.e);
    cr_expect_not(os_exists(open));
    cr_expect_not(os_exists(again));
    cr_expect(os_exists(other));
    world_end(&w);
}
