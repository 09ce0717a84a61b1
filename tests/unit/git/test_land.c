/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

static struct place p;
static char *result; /* a commit on top of the base: f1 changed, f2 gone, new/file added */

static void begin(void)
{
    p = place_begin();
    place_commit(&p);
    json_auto_t *copied = do_copy(&p, "ORG_4729.1");
    sh(str(copied, "path"), "echo landed >src/f1.c && rm src/f2.c && mkdir new && "
                            "echo new >new/file");
    result = settle_and_fetch(&p, "ORG_4729.1");
}

static void end(void)
{
    free(result);
    place_end(&p);
}

TestSuite(land, .init = begin, .fini = end, .timeout = 120);

static json_t *land_it(const char *mode)
{
    return op("land", "{s:s, s:s, s:s, s:s, s:s, s:s}", "repo", p.repo, "run", "ORG_4729", "mode",
              mode, "branch", "main", "start_head", p.base, "commit", result);
}

static void expect_refused(const char *blocking, const char *reason)
{
    AUTO_FREE char *before = listing(p.repo);
    AUTO_FREE char *head = sh_out(p.repo, "git rev-parse HEAD && sha1sum .git/index");
    json_auto_t *answer = land_it("merge");
    AUTO_FREE char *after = listing(p.repo);
    AUTO_FREE char *head_after = sh_out(p.repo, "git rev-parse HEAD && sha1sum .git/index");

    cr_expect(!json_get_bool(answer, "landed", true));
    cr_expect_str_eq(str(answer, "how"), "none");
    cr_expect(strstr(str(answer, "reason"), reason) != NULL, "%s", str(answer, "reason"));
    if (blocking)
        cr_expect(json_has(json_object_get(answer, "blocking"), blocking));
    cr_expect_str_eq(after, before);
    cr_expect_str_eq(head_after, head);
}

Test(land, goes_forward_and_a_repeat_finds_it_done)
{
    sh(p.repo, "echo loose >untouched && echo mine >>src/f5.c");
    json_auto_t *one = land_it("merge");
    json_auto_t *two = land_it("merge");

    cr_expect(json_get_bool(one, "landed", false));
    cr_expect_str_eq(str(one, "how"), "ff");
    cr_expect_str_eq(str(one, "head"), result);
    cr_expect(json_equal(one, two));
    expect_word(sh_out(p.repo, "cat src/f1.c new/file untouched && git status --porcelain"),
                "landed\nnew\nloose\n M src/f5.c\n?? untouched");
}

Test(land, merges_with_what_was_committed_since)
{
    sh(p.repo, "echo theirs >theirs && git add theirs && git commit -qm theirs");
    json_auto_t *one = land_it("merge");
    json_auto_t *two = land_it("merge");

    cr_expect_str_eq(str(one, "how"), "merge");
    cr_expect(json_equal(one, two));
    expect_word(sh_out(p.repo,
                       "git log -1 --format=%%s%%n%%an%%n%%p | sed 's/[0-9a-f]\\{7,\\}/x/g' "
                       "&& git status --porcelain && cat theirs src/f1.c"),
                "Merge ORG_4729 into main\nTest User\nx x\ntheirs\nlanded");
}

Test(land, refuses_a_modified_file)
{
    sh(p.repo, "echo mine >>src/f1.c");
    expect_refused("src/f1.c", "in the way");
}

Test(land, refuses_a_staged_file)
{
    sh(p.repo, "echo mine >>src/f2.c && git add src/f2.c");
    expect_refused("src/f2.c", "in the way");
}

Test(land, refuses_an_untracked_file_in_the_way)
{
    sh(p.repo, "mkdir new && echo mine >new/file");
    expect_refused("new/file", "in the way");
}

Test(land, refuses_an_ignored_file_in_the_way)
{
    sh(p.repo, "echo new/ >>.git/info/exclude && mkdir new && echo mine >new/file");
    expect_refused("new/file", "in the way");
}

Test(land, refuses_when_the_branch_was_switched)
{
    sh(p.repo, "git checkout -q -b elsewhere");
    expect_refused(NULL, "HEAD has moved from 'main' to 'elsewhere'");
}

Test(land, refuses_when_head_was_detached)
{
    sh(p.repo, "git checkout -q --detach");
    expect_refused(NULL, "a detached commit");
}

Test(land, refuses_when_the_branch_was_reset_behind_the_start)
{
    sh(p.repo, "git commit -q --amend -m other");
    expect_refused(NULL, "no longer has the commit");
}

Test(land, refuses_during_a_merge)
{
    sh(p.repo, "git checkout -q -b other && echo a >src/f3.c && git commit -qam a && "
               "git checkout -q main && echo b >src/f3.c && git commit -qam b && "
               "! git merge -q other");
    expect_refused(NULL, "a merge is under way");
}

Test(land, refuses_a_conflict_with_what_was_committed_since)
{
    sh(p.repo, "echo mine >src/f1.c && git commit -qam mine");
    expect_refused("src/f1.c", "conflicts with commits made on 'main'");
}

Test(land, refuses_when_the_index_is_locked_and_leaves_the_lock)
{
    sh(p.repo, ": >.git/index.lock");
    expect_refused(NULL, "index.lock");
    sh(p.repo, "test -e .git/index.lock && test ! -e .git/kelp-landing");
}

Test(land, as_branch_or_not_at_all)
{
    json_auto_t *branch = land_it("branch");
    json_auto_t *none = land_it("none");
    json_auto_t *detached =
        op("land", "{s:s, s:s, s:s, s:n, s:s, s:s}", "repo", p.repo, "run", "ORG_4729", "mode",
           "merge", "branch", "start_head", p.base, "commit", result);

    cr_expect(json_get_bool(branch, "landed", false));
    cr_expect_str_eq(str(branch, "how"), "branch");
    cr_expect(!json_get_bool(none, "landed", true));
    cr_expect_str_eq(str(none, "how"), "none");
    cr_expect_str_eq(str(detached, "how"), "branch");
    cr_expect_str_eq(str(detached, "head"), p.base);
}

Test(land, runs_the_users_hooks_and_filters)
{
    sh(p.repo, "printf '#!/bin/sh\\ntouch ../hook-ran\\n' >.git/hooks/post-merge && "
               "chmod 755 .git/hooks/post-merge && git config filter.up.smudge 'tr a-z A-Z' && "
               "git config filter.up.clean 'tr A-Z a-z' && "
               "echo 'new/file filter=up' >.git/info/attributes");
    json_auto_t *one = land_it("merge");

    cr_expect(json_get_bool(one, "landed", false));
    expect_word(sh_out(p.repo, "cat new/file && ls ../hook-ran && git status --porcelain"),
                "NEW\n../hook-ran");
}

Test(land, on_an_unborn_branch)
{
    AUTO_FREE char *repo = os_path(p.root, "unborn");
    sh(p.root, "git init -q unborn && echo loose >unborn/loose");
    json_auto_t *backup =
        op("backup", "{s:s, s:s, s:s}", "repo", repo, "run", "ORG_4729", "base", "head");
    AUTO_FREE char *tree = sh_out(repo, "echo made >made && git add made && git write-tree && "
                                        "git rm -q --cached made && rm made");
    AUTO_FREE char *commit =
        sh_out(repo, "git commit-tree %s -p %s -m made", tree, str(backup, "base"));
    json_auto_t *one = op("land", "{s:s, s:s, s:s, s:s, s:n, s:s}", "repo", repo, "run", "ORG_4729",
                          "mode", "merge", "branch", "main", "start_head", "commit", commit);

    cr_expect(json_get_bool(one, "landed", false));
    expect_word(sh_out(repo, "cat made loose && git log --format=%%s main | head -1"),
                "made\nloose\nmade");
}

/* What a kill leaves: the note, and git's work up to some point. */
static const struct {
    const char *name, *command;
} kills[] = {
    {"before anything moved", ":"},
    {"with the index locked", ": >.git/index.lock"},
    {"with the refs locked", "git rev-parse HEAD >.git/ORIG_HEAD.lock; : >.git/HEAD.lock; "
                             "git rev-parse kelp/ORG_4729.1 >.git/refs/heads/main.lock"},
    {"in the middle of the files", ": >.git/index.lock; echo landed >src/f1.c; rm src/f2.c"},
    {"in the middle of a file", ": >.git/index.lock; rm src/f1.c; printf lan >src/f1.c"},
    {"with a new file begun", ": >.git/index.lock; mkdir new; : >new/file"},
    {"with all files written, the index not",
     ": >.git/index.lock; echo landed >src/f1.c; rm src/f2.c; mkdir new; echo new >new/file"},
    {"before the branch moved", "git read-tree -m -u HEAD kelp/ORG_4729.1"},
    {"after the branch moved", "git merge -q --ff-only kelp/ORG_4729.1"},
};

Test(land, after_a_kill_a_repeat_finishes_it)
{
    for (size_t i = 0; i < COUNT_OF(kills); i++) {
        AUTO_FREE char *repo = text_format("%s/killed-%zu", p.root, i);
        sh(p.root, "cp -a repo %s && git -C %s update-index -q --refresh", repo, repo);
        sh(repo,
           "printf '{\"branch\": \"main\", \"from\": \"%s\", \"to\": \"%s\"}\\n' "
           ">.git/kelp-landing",
           p.base, result);
        sh(repo, "%s", kills[i].command);
        json_auto_t *answer =
            op("land", "{s:s, s:s, s:s, s:s, s:s, s:s}", "repo", repo, "run", "ORG_4729", "mode",
               "merge", "branch", "main", "start_head", p.base, "commit", result);
        cr_expect(json_get_bool(answer, "landed", false), "%s: %s", kills[i].name,
                  str(answer, "reason"));
        AUTO_FREE char *wanted = text_format("%s\nlanded\nnew\n0", result);
        expect_word(sh_out(repo, "git status --porcelain && git rev-parse HEAD && "
                                 "cat src/f1.c new/file && ls .git | grep -c -e '^kelp-landing$' "
                                 "-e index.lock || true"),
                    wanted);
        expect_word(sh_out(repo, "find .git -name '*.lock' ! -name kelp-landing.lock"), "");
    }
}

Test(land, after_a_kill_the_lock_of_somebody_else_stays)
{
    sh(p.repo,
       "printf '{\"branch\": \"main\", \"from\": \"%s\", \"to\": \"%s\"}\\n' "
       ">.git/kelp-landing",
       p.base, result);
    sh(p.repo, "git rev-parse 'HEAD^{tree}' >.git/refs/heads/main.lock");
    json_auto_t *answer = land_it("merge");

    cr_expect(!json_get_bool(answer, "landed", true));
    sh(p.repo, "test -e .git/refs/heads/main.lock");
}

Test(land, after_a_kill_what_the_user_wrote_since_stays)
{
    sh(p.repo,
       "printf '{\"branch\": \"main\", \"from\": \"%s\", \"to\": \"%s\"}\\n' "
       ">.git/kelp-landing",
       p.base, result);
    sh(p.repo, "rm src/f2.c; echo precious >src/f1.c");
    json_auto_t *answer = land_it("merge");

    cr_expect(!json_get_bool(answer, "landed", true));
    cr_expect(json_has(json_object_get(answer, "blocking"), "src/f1.c"));
    expect_word(sh_out(p.repo, "cat src/f1.c && git status --porcelain"), "precious\n M src/f1.c");
}
