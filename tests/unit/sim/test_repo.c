/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/repo.h"

#include "core/job.h"

#include <criterion/criterion.h>

static struct arena names;
static struct repo r;

static const struct copy_id one = {.orch = 1, .agent = AGENT_NONE};
static const struct copy_id own = {.orch = 1, .agent = 7};
static const struct copy_id later = {.orch = 1, .agent = AGENT_NONE, .generation = 1};

static void set_up(void)
{
    r.arena = &names;
    repo_make(&r, one, "");
}

static void tear_down(void)
{
    repo_free(&r);
    arena_free(&names);
}

TestSuite(repo, .init = set_up, .fini = tear_down);

Test(repo, work_goes_from_a_copy_to_the_remote)
{
    cr_expect_str_eq(repo_head(&r, one), "base");
    repo_make(&r, own, "");
    repo_work(&r, own, 42);
    cr_expect_not(repo_has_work(&r, 42), "it is in no commit yet");
    repo_settle(&r, own);
    cr_expect(repo_has_work(&r, 42));
    const char *joined = repo_join(&r, own, one);
    cr_expect_str_neq(joined, "base");
    cr_expect_not(repo_was_fetched(&r, 1));
    cr_expect_str_eq(repo_fetch(&r, one), joined);
    cr_expect(repo_was_fetched(&r, 1));
    const char *merged = repo_merge(&r, "base", (uint32_t[]){1}, 1);
    repo_land(&r, merged);
    repo_push(&r);
    cr_expect(content_has(&r.landed, 42) && content_has(&r.pushed, 42));
    repo_discard(&r, NULL, 0);
    cr_expect_null(repo_find(&r, one));
    cr_expect_eq(r.lost, 0);
}

Test(repo, a_clone_that_goes_early_loses_work)
{
    repo_work(&r, one, 5);
    repo_settle(&r, one);
    repo_remove(&r, one);
    cr_expect_eq(r.lost, 1);
    cr_expect_not(repo_has_work(&r, 5));
}

Test(repo, a_reset_forgets_what_was_not_committed)
{
    repo_work(&r, one, 5);
    repo_reset(&r, one);
    repo_work(&r, one, 6);
    repo_settle(&r, one);
    cr_expect_not(repo_has_work(&r, 5));
    cr_expect(repo_has_work(&r, 6));
}

Test(repo, the_same_operation_gives_the_same_commit)
{
    repo_work(&r, one, 9);
    const char *first = repo_settle(&r, one);
    cr_expect_str_eq(first, repo_settle(&r, one));
    repo_make(&r, one, "");
    cr_expect_str_eq(first, repo_head(&r, one), "a copy that exists is the copy");
    repo_make(&r, later, "");
    cr_expect_str_eq(repo_head(&r, later), "base", "another life starts anew");
    cr_expect_str_eq(first, repo_head(&r, one), "beside the copy of the first");
}

Test(repo, what_only_a_copy_has_is_bundled_when_it_goes)
{
    repo_work(&r, one, 1);
    repo_settle(&r, one);
    repo_fetch(&r, one);
    repo_make(&r, own, "");
    repo_work(&r, own, 2);
    repo_settle(&r, own);
    repo_work(&r, own, 3);
    repo_make(&r, later, "");
    repo_discard(&r, &later, 1);
    cr_expect_null(repo_find(&r, one));
    cr_expect_null(repo_find(&r, own));
    cr_expect_not_null(repo_find(&r, later));
    cr_expect_eq(r.bundles, 1, "its branch has all of the first");
    cr_expect(content_has(&r.bundled, 2) && content_has(&r.bundled, 3));
    cr_expect_not(content_has(&r.bundled, 1));
    cr_expect_eq(r.lost, 0);
}

static void move_branch(void)
{
    repo_work(&r, one, 1);
    repo_settle(&r, one);
    repo_fetch(&r, one);
    repo_discard(&r, NULL, 0);
    repo_make(&r, later, "");
    repo_work(&r, later, 2);
    repo_settle(&r, later);
    repo_fetch(&r, later);
}

Test(repo, what_a_branch_had_before_it_was_moved_is_kept)
{
    move_branch();
    cr_expect_eq(r.moves, 1);
    cr_expect_eq(r.lost, 0);
    cr_expect(repo_has_work(&r, 1));
}

Test(repo, planted_bugs_lose_work)
{
    r.bug = REPO_NO_EARLIER;
    move_branch();
    cr_expect_eq(r.lost, 1);
    r.bug = REPO_NO_BUNDLES;
    repo_work(&r, later, 3);
    repo_settle(&r, later);
    repo_discard(&r, NULL, 0);
    cr_expect_eq(r.lost, 2);
}
