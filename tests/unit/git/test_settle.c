/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

static struct place p;
static char *path; /* of the clone ORG_4729.1 */

static void begin(void)
{
    p = place_begin();
    place_commit(&p);
    json_auto_t *copied = do_copy(&p, "ORG_4729.1");
    path = mem_string(str(copied, "path"));
}

static void end(void)
{
    free(path);
    place_end(&p);
}

TestSuite(settle, .init = begin, .fini = end, .timeout = 120);

/* Settles, checks what holds after any settling, and settles again for the same answer. */
static json_t *settle(void)
{
    json_t *answer = do_settle(&p, "ORG_4729.1");
    json_auto_t *again = do_settle(&p, "ORG_4729.1");

    cr_expect(json_equal(answer, again));
    expect_word(sh_out(path, "git symbolic-ref HEAD"), "refs/heads/kelp/ORG_4729.1");
    expect_word(sh_out(path, "git rev-parse HEAD"), str(answer, "commit"));
    expect_word(sh_out(path, "git status --porcelain --untracked-files=no"), "");
    cr_expect_eq(sh_status(path, "git merge-base --is-ancestor %s HEAD", p.base), 0);
    expect_word(sh_out(path, "git fsck --strict --no-dangling 2>&1"), "");
    return answer;
}

static bool changed(const json_t *answer, const char *name)
{
    return json_has(json_object_get(answer, "changed"), name);
}

Test(settle, commits_what_was_left_with_the_users_identity)
{
    sh(path, "echo x >>src/f1.c && echo new >new && rm src/f2.c && chmod 755 src/f3.c && "
             "echo o >skip.o && ln -s new link");
    json_auto_t *answer = settle();

    cr_expect_eq(json_get_int(answer, "commits", -1), 1);
    cr_expect_eq(json_get_int(answer, "files", -1), 5);
    cr_expect_eq(json_get_int(answer, "insertions", -1), 3);
    cr_expect_eq(json_get_int(answer, "deletions", -1), 20);
    cr_expect(!json_get_bool(answer, "fallback_identity", true));
    cr_expect(changed(answer, "src/f3.c") && changed(answer, "link") && !changed(answer, "skip.o"));
    expect_word(
        sh_out(path, "git log -1 --format='%%s|%%an|%%ae|%%cn|%%(trailers:separator=%%x2C)'"),
        "What the agent did|Test User|user@example.org|Test User|Kelp-Exec-Id: ORG_4729.1");
}

Test(settle, a_description_whose_tip_is_an_option_is_damaged)
{
    sh(p.clones, "sed -i 's/%s/--output=x/' ORG_4729.1.kelp/clone.json", p.base);
    AUTO_FREE char *said =
        op_fault("settle", FAULT_CORRUPT, "{s:s, s:s, s:s, s:s, s:s, s:n, s:[], s:n}", "path", path,
                 "message", "m", "exec_id", "ORG_4729.1", "agent_label", "w1.I1", "base", p.base,
                 "writes", "exclude", "into");

    cr_expect(strstr(said, "'--output=x' is no commit"), "%s", said);
}

Test(settle, nothing_left_is_no_commit)
{
    json_auto_t *answer = settle();

    cr_expect_eq(json_get_int(answer, "commits", -1), 0);
    cr_expect_str_eq(str(answer, "commit"), p.base);
}

Test(settle, without_an_identity_says_that_it_used_the_fallback)
{
    sh(p.repo, "git config --global --unset user.email");
    sh(p.root, "rm -rf clones");
    json_decref(do_copy(&p, "ORG_4729.1"));
    sh(path, "echo x >x");
    json_auto_t *answer = settle();

    cr_expect(json_get_bool(answer, "fallback_identity", false));
    expect_word(sh_out(path, "git log -1 --format='%%an <%%ae>'"), "kelp <kelp@localhost>");
}

Test(settle, odd_names)
{
    sh(path, "echo a >\"$(printf 'new\\nline')\" && echo b >'\"quoted\"' && echo c >-rf && "
             "echo d >\"$(printf 'bytes\\377')\" && mkdir ' ' && echo e >' /:(top)x'");
    json_auto_t *answer = settle();

    cr_expect_eq(json_get_int(answer, "files", -1), 5);
    cr_expect(changed(answer, "new\nline") && changed(answer, "\"quoted\"") &&
              changed(answer, "bytes\xEF\xBF\xBD"));
}

Test(settle, files_become_folders_and_links)
{
    sh(path, "rm src/f1.c && mkdir src/f1.c && echo x >src/f1.c/x && mkdir other && "
             "mv src/f2.c other/ && rm -rf src/f3.c && ln -s ../other src/f3.c && "
             "mv .gitignore other/ && mv src elsewhere && ln -s elsewhere src");
    json_decref(settle());

    expect_word(sh_out(path, "git ls-files"),
                "elsewhere/f1.c/x\nelsewhere/f3.c\nelsewhere/f4.c\nelsewhere/f5.c\n"
                "other/.gitignore\nother/f2.c\nsrc");
}

Test(settle, scope_and_exclusions)
{
    sh(path, "echo x >>src/f1.c && echo d >doc && mkdir -p brought/deep && echo b >brought/deep/b");
    json_auto_t *answer =
        op("settle", "{s:s, s:s, s:s, s:s, s:[s], s:[s]}", "path", path, "message", "m", "exec_id",
           "ORG_4729.1", "base", p.base, "writes", "src/**", "exclude", "brought");
    const json_t *outside = json_object_get(answer, "out_of_scope");

    cr_expect_eq(json_array_size(outside), 1);
    cr_expect(json_has(outside, "doc"));
    cr_expect(changed(answer, "doc") && changed(answer, "src/f1.c"));
    cr_expect(!changed(answer, "brought/deep/b"));
    expect_word(sh_out(path, "cat brought/deep/b"), "b");
}

Test(settle, own_commits_on_the_branch_are_kept)
{
    sh(path, "echo 1 >one && git add one && git commit -qm one && echo 2 >two");
    json_auto_t *answer = settle();

    cr_expect_eq(json_get_int(answer, "commits", -1), 2);
    expect_word(sh_out(path, "git log --format=%%s -2"), "What the agent did\none");
}

Test(settle, another_branch_or_a_detached_head_end_on_the_branch)
{
    sh(path,
       "echo 1 >one && git add one && git commit -qm one && git checkout -q -b mine HEAD~1 && "
       "echo 2 >two && git add two && git commit -qm two && git checkout -q --detach && "
       "echo 3 >three");
    json_auto_t *answer = settle();

    cr_expect(changed(answer, "one") && changed(answer, "two") && changed(answer, "three"));
    expect_word(sh_out(path, "ls one two three"), "one\nthree\ntwo");
}

Test(settle, looking_at_an_old_commit_changes_nothing)
{
    sh(path, "echo 1 >one && git add one && git commit -qm one && git checkout -q HEAD~1");
    json_auto_t *answer = settle();

    cr_expect_eq(json_get_int(answer, "commits", -1), 1);
    cr_expect(changed(answer, "one"));
}

Test(settle, an_amended_base_and_an_orphan_stay_upon_the_base)
{
    sh(path, "echo 1 >one && git add one && git commit -q --amend -m amended");
    json_auto_t *amended = settle();
    sh(path, "git checkout -q --orphan fresh && git rm -rqf . && echo only >only");
    json_auto_t *orphan = settle();

    cr_expect(changed(amended, "one"));
    cr_expect(changed(orphan, "only"));
}

Test(settle, an_unfinished_merge_is_committed_as_one)
{
    sh(path, "git checkout -q -b side && echo side >src/f1.c && git commit -qam side && "
             "git checkout -q kelp/ORG_4729.1 && echo main >src/f1.c && git commit -qam main && "
             "! git merge -q side && echo resolved >src/f1.c");
    json_decref(settle());

    expect_word(sh_out(path, "git log -1 --format=%%p | wc -w && cat src/f1.c && "
                             "ls .git | grep MERGE || true"),
                "2\nresolved");
}

Test(settle, an_unfinished_rebase_is_ended)
{
    sh(path, "git checkout -q -b side && echo side >src/f1.c && git commit -qam side && "
             "git checkout -q kelp/ORG_4729.1 && echo main >src/f1.c && git commit -qam main && "
             "! git rebase -q side");
    json_auto_t *answer = settle();

    expect_word(sh_out(path, "ls .git | grep -c rebase || true"), "0");
    cr_expect(changed(answer, "src/f1.c"));
}

Test(settle, a_broken_index_locks_and_a_sparse_checkout_lose_nothing)
{
    sh(path, "echo x >x && git add x && echo junk >.git/index && : >.git/index.lock && "
             ": >.git/HEAD.lock && : >.git/refs/heads/kelp/ORG_4729.1.lock && : >.git/config.lock");
    json_auto_t *broken = settle();
    sh(path, "git sparse-checkout set --no-cone /x && test ! -e src/f1.c && echo y >>x");
    json_auto_t *sparse = settle();

    cr_expect(changed(broken, "x"));
    cr_expect_eq(json_get_int(sparse, "files", -1), 1);
    cr_expect_eq(sh_status(path, "test -e src/f1.c"), 0);
}

Test(settle, flags_in_the_index_hide_nothing)
{
    sh(path, "git update-index --assume-unchanged src/f1.c && "
             "git update-index --skip-worktree src/f2.c && echo x >>src/f1.c && echo y >>src/f2.c");
    json_auto_t *answer = settle();

    cr_expect(changed(answer, "src/f1.c") && changed(answer, "src/f2.c"));
}

Test(settle, a_removed_git_folder_is_made_anew)
{
    sh(path, "echo x >x && rm -rf .git");
    json_auto_t *removed = settle();
    sh(path, "echo y >y && echo junk >.git/HEAD");
    json_auto_t *junk = settle();
    sh(path, "echo z >z && mv .git .was && ln -s .was .git && echo .was >.was/info/exclude");
    json_auto_t *link = settle();

    cr_expect(changed(removed, "x") && changed(junk, "y") && changed(link, "z"));
}

Test(settle, nested_repositories_are_taken_as_files)
{
    sh(path, "git init -q lib && cd lib && echo a >a && echo o >a.o && git add a && "
             "git commit -qm a && echo b >b");
    json_auto_t *answer = settle();

    cr_expect(changed(answer, "lib/a") && changed(answer, "lib/b") && !changed(answer, "lib/a.o"));
}

/* Everything in a clone that could make git run a program of the agent's. */
Test(settle, nothing_planted_runs)
{
    AUTO_FREE char *trap = os_path(p.root, "trap");
    AUTO_FREE char *ran = os_path(p.root, "ran");
    sh(p.root, "printf '#!/bin/sh\\necho \"$0 $*\" >>%s\\ncat\\n' >trap && chmod 755 trap", ran);
    sh(path,
       "for h in pre-commit post-commit post-checkout post-merge pre-merge-commit commit-msg "
       "prepare-commit-msg reference-transaction post-index-change pre-auto-gc post-rewrite "
       "applypatch-msg update pre-receive; do cp %s .git/hooks-$h; done; mkdir -p .git/hooks; "
       "for h in .git/hooks-*; do mv $h .git/hooks/${h#.git/hooks-}; done; "
       "for k in core.fsmonitor filter.t.clean filter.t.smudge filter.t.process diff.external "
       "diff.t.textconv diff.t.command merge.t.driver core.editor core.pager core.sshCommand "
       "gpg.program credential.helper uploadpack.packObjectsHook core.askPass "
       "trailer.kelp-exec-id.command alias.write-tree; do git config $k %s; done; "
       "git config core.hooksPath .git/hooks; git config commit.gpgSign true; "
       "git config core.worktree /; git config include.path %s; "
       "printf '* filter=t diff=t merge=t\\n' >.gitattributes; cp .gitattributes "
       ".git/info/attributes; "
       "mkdir -p .git/objects/info; echo x >>src/f1.c; echo new >new; "
       "git init -q sub 2>/dev/null; cp -r .git/hooks sub/.git/; cp .git/config sub/.git/config; "
       "echo s >sub/s",
       trap, trap, trap);
    /* The trap is a trap: git as it is walks into it. */
    sh(path,
       "sed -i '/include/,$d' .git/config; git config --unset core.worktree; "
       "git status >/dev/null; git add src; git config core.worktree /; "
       "git config include.path %s",
       trap);
    cr_assert_eq(sh_status(p.root, "test -s ran"), 0);
    sh(p.root, "rm -f ran");
    free(settle_and_fetch(&p, "ORG_4729.1"));
    json_decref(op("measure", "{s:s}", "path", path));
    json_decref(op("reset", "{s:s, s:s}", "path", path, "commit", p.base));
    json_auto_t *gone = op("discard", "{s:s, s:s, s:s, s:[]}", "path", path, "repo", p.repo,
                           "bundle_dir", p.root, "commits");

    expect_word(sh_out(p.root, "cat ran 2>/dev/null || true"), "");
    cr_expect(json_is_null(json_object_get(gone, "bundle")));
}

Test(settle, links_inside_git_lead_nowhere)
{
    AUTO_FREE char *outside = os_path(p.root, "outside");
    sh(p.root, "mkdir outside && echo safe >outside/file");
    sh(path,
       "echo x >x && rm -rf .git/logs .git/refs && ln -s %s .git/logs && "
       "ln -s %s .git/refs && ln -sf %s/file .git/packed-refs && ln -sf %s/file .git/index "
       "&& ln -sf %s/file .git/config",
       outside, outside, outside, outside, outside);
    json_auto_t *answer = settle();

    cr_expect(changed(answer, "x"));
    expect_word(sh_out(outside, "find . -type f | sort && cat file"), "./file\nsafe");
}

Test(settle, results_of_one_wave_are_merged_into_the_orchestrators_clone)
{
    static const char *const names[] = {"a", "b", "c"};
    static const char *const work[] = {"echo a >src/f1.c", "echo b >src/f2.c",
                                       "echo other >src/f1.c"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO_FREE char *copy = clone_path(&p, names[i]);
        AUTO_FREE char *branch = text_format("kelp/ORG_4729.1.%s", names[i]);
        json_decref(op("copy", "{s:s, s:s, s:s, s:s, s:s, s:s}", "repo", p.repo, "source", path,
                       "commit", p.base, "branch", branch, "path", copy, "run", "ORG_4729"));
        sh(copy, "%s", work[i]);
        for (size_t again = 0; again < 2; again++) {
            json_auto_t *answer =
                op("settle", "{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}}", "path", copy, "message",
                   names[i], "exec_id", "ORG_4729.1", "agent_label", names[i], "base", p.base,
                   "into", "path", path, "branch", "kelp/ORG_4729.1");
            cr_expect_eq(json_is_string(json_object_get(answer, "into_commit")), i < 2, "%s",
                         names[i]);
            cr_expect_eq(json_has(json_object_get(answer, "conflicts"), "src/f1.c"), i == 2);
        }
    }
    expect_word(sh_out(path, "cat src/f1.c src/f2.c && git status --porcelain && "
                             "git for-each-ref --format='%%(refname)' refs/kelp && "
                             "git cat-file blob refs/kelp/kept/c:src/f1.c"),
                "a\nb\nrefs/kelp/kept/c\nother");
}

Test(reset, gives_the_tree_of_the_commit_back, .init = begin, .fini = end)
{
    AUTO_FREE char *before = listing(path);
    AUTO_FREE char *wanted = text_format("kelp/ORG_4729.1\n%s", p.base);
    sh(path,
       "echo x >>src/f1.c && rm src/f2.c && mkdir -p new/deep && echo n >new/deep/n && "
       "git add -A && git commit -qm mine && git checkout -q -b away && git init -q nested && "
       "echo i >nested/i && : >.git/index.lock");
    for (size_t i = 0; i < 2; i++) {
        json_decref(op("reset", "{s:s, s:s}", "path", path, "commit", p.base));
        AUTO_FREE char *after = listing(path);
        cr_expect_str_eq(after, before);
        expect_word(sh_out(path, "git symbolic-ref --short HEAD && git rev-parse HEAD && "
                                 "git status --porcelain"),
                    wanted);
    }
}

Test(reset, keeps_ignored_files, .init = begin, .fini = end)
{
    sh(path, "echo o >a.o && echo x >x");
    json_decref(op("reset", "{s:s, s:s}", "path", path, "commit", p.base));

    expect_word(sh_out(path, "cat a.o && test ! -e x"), "o");
}

/* Four agents end at once; each result is in the orchestrator's clone afterwards. */
Test(settle, joins_at_the_same_time_lose_nothing)
{
    AUTO_TEXT command = {0};

    for (int i = 0; i < 4; i++) {
        AUTO_FREE char *name = text_format("agent-%d", i);
        AUTO_FREE char *copy = clone_path(&p, name);
        AUTO_FREE char *spec = text_format("%s/%s.json", p.root, name);
        AUTO_FAULT f = {0};
        json_decref(op("copy", "{s:s, s:s, s:s, s:s, s:s, s:s}", "repo", p.repo, "source", path,
                       "commit", p.base, "branch", name, "path", copy, "run", "ORG_4729"));
        sh(copy, "echo %d >%s", i, name);
        json_auto_t *in = json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s}}", "path", copy, "message",
                                    name, "exec_id", "ORG_4729.1", "agent_label", name, "base",
                                    p.base, "into", "path", path);
        cr_assert_eq(json_write_file(spec, in, &f), 0);
        text_printf(&command, "'%s/kelp-worker' settle %s %s.out & ", getenv("KELP_TEST_BUILD"),
                    spec, spec);
    }
    text_add(&command, "wait");
    sh(p.root, "%s", command.data);
    expect_word(sh_out(path, "cat agent-0 agent-1 agent-2 agent-3 && git status --porcelain && "
                             "git for-each-ref refs/kelp && git fsck --strict --no-dangling"),
                "0\n1\n2\n3");
}
