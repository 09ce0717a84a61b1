/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

static struct place p;

static void begin(void)
{
    p = place_begin();
    place_commit(&p);
}

static void end(void)
{
    place_end(&p);
}

TestSuite(earlier, .init = begin, .fini = end, .timeout = 120);

/* One life of the child ORG_4729.1: its clone `name` has this file; the commit, brought home. */
static char *live(const char *name, const char *file)
{
    AUTO_FREE char *path = clone_path(&p, name);
    json_decref(op("copy", "{s:s, s:s, s:s, s:s, s:s}", "repo", p.repo, "run", "ORG_4729", "commit",
                   p.base, "path", path, "branch", "kelp/ORG_4729.1"));
    sh(path, "echo '%s' >'%s' && git add . && git commit -qm '%s'", file, file, file);
    return sh_out(path, "git rev-parse HEAD");
}

static void bring(const char *name, const char *commit)
{
    AUTO_FREE char *path = clone_path(&p, name);

    json_decref(op("fetch", "{s:s, s:s, s:s, s:s}", "repo", p.repo, "path", path, "commit", commit,
                   "ref", "refs/heads/kelp/ORG_4729.1"));
}

static json_t *discard(const char *name)
{
    AUTO_FREE char *path = clone_path(&p, name);
    AUTO_FREE char *bundles = os_path(p.root, "bundles");

    return op("discard", "{s:s, s:s, s:s}", "path", path, "repo", p.repo, "bundle_dir", bundles);
}

static char *earlier(void)
{
    return sh_out(p.repo, "git for-each-ref --format='%%(refname)' refs/kelp/earlier");
}

/* The first clone needs no bundle when it goes, because the branch has all of it; then a third life
 * moves the branch. */
Test(earlier, a_branch_that_a_retry_moves_loses_nothing)
{
    AUTO_FREE char *first = live("ORG_4729.1", "first");
    bring("ORG_4729.1", first);
    json_auto_t *gone = discard("ORG_4729.1");
    cr_assert(json_is_null(json_object_get(gone, "bundle")));
    AUTO_FREE char *second = live("ORG_4729.1.g2", "second");
    bring("ORG_4729.1.g2", second);
    AUTO_FREE char *ref = text_format("refs/kelp/earlier/ORG_4729.1/%s", first);

    expect_word(earlier(), ref);
    sh(p.repo, "git reflog expire --expire=now --all && git gc -q --prune=now");
    expect_word(sh_out(p.repo, "git show '%s:first'", ref), "first");
    expect_word(sh_out(p.repo, "git show kelp/ORG_4729.1:second"), "second");
}

Test(earlier, a_branch_that_goes_forward_leaves_nothing_behind)
{
    AUTO_FREE char *first = live("ORG_4729.1", "first");
    AUTO_FREE char *path = clone_path(&p, "ORG_4729.1");
    bring("ORG_4729.1", first);
    AUTO_FREE char *second = sh_out(path, "echo more >more && git add more && git commit -qm more "
                                          "&& git rev-parse HEAD");
    bring("ORG_4729.1", second);

    expect_word(earlier(), "");
}

Test(earlier, what_another_ref_has_is_not_named_again)
{
    AUTO_FREE char *first = live("ORG_4729.1", "first");
    bring("ORG_4729.1", first);
    sh(p.repo, "git tag saved '%s'", first);
    AUTO_FREE char *second = live("ORG_4729.1.g1", "second");
    bring("ORG_4729.1.g1", second);

    expect_word(earlier(), "");
}

/* A git that is killed between the lock and the name leaves the lock. */
Test(earlier, the_lock_of_a_fetch_that_was_killed_holds_nobody_up)
{
    AUTO_FREE char *first = live("ORG_4729.1", "first");

    sh(p.repo, "mkdir -p .git/refs/heads/kelp && : >.git/refs/heads/kelp/ORG_4729.1.lock");
    bring("ORG_4729.1", first);
    expect_word(sh_out(p.repo, "git rev-parse kelp/ORG_4729.1"), first);
    expect_word(sh_out(p.repo, "ls .git/refs/heads/kelp"), "ORG_4729.1");
}

static void merge(const char *commit, const char *key)
{
    json_decref(op("merge", "{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}], s:s}", "repo", p.repo,
                   "run", "ORG_4729", "base", p.base, "branch", "kelp/ORG_4729", "onto", p.base,
                   "branches", "id", "ORG_4729.1", "title", "One", "commit", commit, "identity_key",
                   key));
}

/* kelp's own merges are made again from what they merged; a commit that somebody put on the run's
 * branch is not. */
Test(earlier, the_branch_of_the_run_keeps_what_a_user_put_there)
{
    AUTO_FREE char *first = live("ORG_4729.1", "first");
    bring("ORG_4729.1", first);
    merge(first, "key-1");
    merge(first, "key-2");
    expect_word(earlier(), "");
    sh(p.repo, "git update-ref refs/heads/kelp/ORG_4729 "
               "$(git commit-tree -m mine -p kelp/ORG_4729 kelp/ORG_4729^{tree})");
    AUTO_FREE char *mine = sh_out(p.repo, "git rev-parse kelp/ORG_4729");
    AUTO_FREE char *ref = text_format("refs/kelp/earlier/ORG_4729/%s", mine);
    merge(first, "key-3");
    expect_word(earlier(), ref);
}
