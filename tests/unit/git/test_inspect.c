/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include "git/inspect.h"

static struct place p;

static void begin(void)
{
    p = place_begin();
}

static void end(void)
{
    place_end(&p);
}

TestSuite(inspect, .init = begin, .fini = end, .timeout = 120);

static json_t *look(const char *path)
{
    return op("inspect", "{s:s}", "path", path);
}

Test(inspect, a_clean_branch_with_an_upstream)
{
    place_commit(&p);
    json_auto_t *info = look(p.repo);

    cr_expect_str_eq(str(info, "branch"), "main");
    cr_expect_str_eq(str(info, "head"), p.base);
    cr_expect_str_eq(str(info, "upstream"), "origin/main");
    cr_expect_str_eq(str(info, "remote"), "origin");
    cr_expect_str_eq(str(info, "state"), "clean");
    cr_expect_eq(json_get_int(info, "tracked_files", -1), 6);
    cr_expect_eq(json_get_int(info, "ahead", -1), 0);
    cr_expect(!json_get_bool(info, "dirty", true));
    cr_expect(!json_get_bool(info, "unborn", true));
    cr_expect(!json_get_bool(info, "bare", true));
    cr_expect(!json_get_bool(info, "inside_clone", true));
}

Test(inspect, from_a_folder_below_with_changes_and_own_commits)
{
    place_commit(&p);
    AUTO_FREE char *below = os_path(p.repo, "src");
    sh(p.repo, "git commit -q --allow-empty -m more && echo new >untracked");
    json_auto_t *info = look(below);

    cr_expect_str_eq(str(info, "top"), p.repo);
    cr_expect_eq(json_get_int(info, "ahead", -1), 1);
    cr_expect(json_get_bool(info, "dirty", false));
}

/* Lines as git writes them, and as it would not: nothing is lost, or less than none. */
Test(inspect, what_a_status_says)
{
    static const struct {
        const char *entries[3];
        const char *upstream;
        int64_t ahead;
        bool dirty;
    } cases[] = {
        {{"# branch.upstream origin/main", "# branch.ab +3 -1"}, "origin/main", 3, false},
        {{"# branch.upstream a", "# branch.upstream b", "? -rf"}, "b", 0, true},
        {{"# branch.ab +-5 -0", "1 .M N... 100644 100644 100644 1 1 # x"}, NULL, 0, true},
        {{"# branch.ab +99999999999999999999 -1"}, NULL, 0, false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_REPO_INFO info = {0};
        AUTO_TEXT out = {0};
        for (size_t k = 0; k < COUNT_OF(cases[i].entries) && cases[i].entries[k]; k++)
            text_add_n(&out, cases[i].entries[k], strlen(cases[i].entries[k]) + 1);
        repo_status_read(&out, &info);
        cr_expect(info.upstream && cases[i].upstream ? strcmp(info.upstream, cases[i].upstream) == 0
                                                     : info.upstream == cases[i].upstream,
                  "%zu", i);
        cr_expect_eq(info.ahead, cases[i].ahead, "%zu", i);
        cr_expect_eq(info.dirty, cases[i].dirty, "%zu", i);
    }
}

Test(inspect, an_unborn_branch)
{
    json_auto_t *info = look(p.repo);

    cr_expect(json_get_bool(info, "unborn", false));
    cr_expect(json_is_null(json_object_get(info, "head")));
    cr_expect_str_eq(str(info, "branch"), "main");
    cr_expect(json_is_null(json_object_get(info, "remote")));
}

Test(inspect, a_detached_head)
{
    place_commit(&p);
    sh(p.repo, "git checkout -q --detach");
    json_auto_t *info = look(p.repo);

    cr_expect(json_is_null(json_object_get(info, "branch")));
    cr_expect_str_eq(str(info, "head"), p.base);
}

Test(inspect, bare_shallow_and_sparse)
{
    place_commit(&p);
    AUTO_FREE char *bare = os_path(p.root, "remote");
    AUTO_FREE char *shallow = os_path(p.root, "shallow");
    sh(p.repo, "git commit -q --allow-empty -m two && git push -q && "
               "git clone -q --depth 1 \"file://$PWD/../remote\" ../shallow && "
               "cd ../shallow && git sparse-checkout set src");
    json_auto_t *one = look(bare);
    json_auto_t *two = look(shallow);

    cr_expect(json_get_bool(one, "bare", false));
    cr_expect(json_is_null(json_object_get(one, "top")));
    cr_expect(json_get_bool(two, "shallow", false));
    cr_expect(json_get_bool(two, "sparse", false));
}

static const struct {
    const char *command, *state;
} states[] = {
    {"git merge -q other || true", "merge"},
    {"git rebase -q other || true", "rebase"},
    {"git cherry-pick other || true", "cherry-pick"},
    {"git revert HEAD~1 || true", "revert"},
    {"git bisect start -q || git bisect start", "bisect"},
    {"git format-patch -q -1 other && git am -q 0001-theirs.patch || true", "am"},
};

Test(inspect, what_is_under_way)
{
    place_commit(&p);
    sh(p.repo, "git checkout -q -b other && echo theirs >src/f1.c && git commit -qam theirs && "
               "git checkout -q main && echo ours >src/f1.c && git commit -qam ours && "
               "echo last >src/f1.c && git commit -qam last");
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        AUTO_FREE char *copy = text_format("%s/state-%zu", p.root, i);
        sh(p.root, "cp -a repo %s", copy);
        sh(copy, "%s", states[i].command);
        json_auto_t *info = look(copy);
        cr_expect_str_eq(str(info, "state"), states[i].state);
    }
}

Test(inspect, no_repository_is_the_environments_fault)
{
    AUTO_FREE char *home = os_path(p.root, "home");
    AUTO_FREE char *why = op_fault("inspect", FAULT_ENVIRONMENT, "{s:s}", "path", home);

    cr_expect(strstr(why, "not in a usable git repository") != NULL, "%s", why);
}

Test(inspect, inside_a_clone_whatever_the_agent_did_to_it)
{
    place_commit(&p);
    json_auto_t *copied = do_copy(&p, "ORG_4729.1");
    AUTO_FREE char *below = text_format("%s/src", str(copied, "path"));
    json_auto_t *before = look(below);
    sh(str(copied, "path"), "rm -rf .git && cd src && git init -q");
    json_auto_t *after = look(below);

    cr_expect(json_get_bool(before, "inside_clone", false));
    cr_expect(json_get_bool(after, "inside_clone", false));
}
