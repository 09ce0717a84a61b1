/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

static struct place p;

static void begin(void)
{
    p = place_begin();
}

static void end(void)
{
    place_end(&p);
}

TestSuite(backup, .init = begin, .fini = end, .timeout = 120);

static json_t *back_up(const char *repo)
{
    return op("backup", "{s:s, s:s, s:i, s:b, s:s}", "repo", repo, "run", "ORG_4729",
              "max_file_bytes", 1000000, "include_large", 0, "base", "head");
}

static json_t *bring_back(const char *repo, bool exact)
{
    return op("restore", "{s:s, s:s, s:b}", "repo", repo, "run", "ORG_4729", "exact", exact);
}

/* The folder's bytes under .git that are the user's: HEAD, index, branches, configuration. */
static char *state_of(const char *repo)
{
    return sh_out(repo, "cd \"$(git rev-parse --absolute-git-dir)\" && sha1sum HEAD config && "
                        "if test -e index; then sha1sum index; fi && "
                        "git for-each-ref --format='%%(refname) %%(objectname)' refs/heads "
                        "refs/tags refs/remotes refs/stash");
}

/* Backs up, checks that nothing moved, wrecks the tree, restores, and compares every byte. */
static json_t *round_trip(const char *repo)
{
    AUTO_FREE char *before = listing(repo);
    AUTO_FREE char *state = state_of(repo);
    AUTO_FREE char *index = sh_out(repo, "git ls-files -s -t -z | sha1sum");
    json_t *backup = back_up(repo);
    AUTO_FREE char *untouched = listing(repo);
    AUTO_FREE char *state_after = state_of(repo);

    cr_expect_str_eq(before, untouched);
    cr_expect_str_eq(state, state_after);
    sh(repo, "find . -mindepth 1 -name .git -prune -o -type f -exec chmod u+w {} + && "
             "find . -mindepth 1 -name .git -prune -o -type f -exec sh -c "
             "'for f; do echo wrecked >>\"$f\"; done' sh {} + && { git add -A . || true; } && "
             "find . -mindepth 1 -name .git -prune -o -type l -exec rm {} +");
    json_decref(bring_back(repo, true));
    AUTO_FREE char *after = listing(repo);
    AUTO_FREE char *index_after = sh_out(repo, "git ls-files -s -t -z | sha1sum");
    cr_expect_str_eq(after, before);
    cr_expect_str_eq(index_after, index);
    return backup;
}

Test(backup, crlf_modes_empty_folders_links_and_names)
{
    place_commit(&p);
    sh(p.repo,
       "printf '* text=auto\\n*.up filter=up\\n' >.gitattributes && "
       "git config filter.up.clean 'tr a-z A-Z' && git config core.autocrlf input && "
       "printf 'a\\r\\nb\\r\\n' >crlf && git add . && git commit -qm crlf && "
       "printf 'a\\r\\nb\\r\\nc\\r\\n' >crlf && echo lower >x.up && "
       "echo s >secret && chmod 600 secret && echo x >tool && chmod 755 tool && "
       "mkdir -p empty/inner closed && chmod 700 closed && echo i >closed/in && "
       "ln -s nowhere dangling && ln -s src dir-link && echo y >-rf && : >nothing && "
       "printf n >\"$(printf 'new\\nline')\" && printf q >'\"quoted\"' && "
       "printf b >\"$(printf 'bytes\\377\\376')\" && printf t >\"$(printf 'tab\\there')\" && "
       "rm src/f1.c && echo staged >staged && git add staged && echo more >>staged");
    json_auto_t *backup = round_trip(p.repo);

    cr_expect(json_get_bool(backup, "dirty", false));
    expect_word(
        sh_out(p.repo, "git cat-file blob %s:crlf | od -An -c | tr -d ' '", str(backup, "commit")),
        "a\\r\\nb\\r\\nc\\r\\n");
    expect_word(sh_out(p.repo, "git cat-file blob %s:x.up", str(backup, "commit")), "lower");
    expect_word(sh_out(p.repo, "git rev-parse %s^1", str(backup, "commit")), str(backup, "base"));
    expect_word(sh_out(p.repo, "git cat-file blob %s^2:staged", str(backup, "commit")), "staged");
    expect_word(sh_out(p.repo, "git rev-parse HEAD"), str(backup, "base"));
}

Test(backup, ignored_files_are_left_out_and_left_alone)
{
    place_commit(&p);
    sh(p.repo, "echo o >a.o && mkdir .kelp && echo '*' >.kelp/.gitignore && echo k >.kelp/k");
    json_auto_t *backup = back_up(p.repo);
    json_decref(bring_back(p.repo, true));

    expect_word(sh_out(p.repo, "git ls-tree -r --name-only %s | grep -c -e '\\.o$' -e kelp || true",
                       str(backup, "commit")),
                "0");
    expect_word(sh_out(p.repo, "cat a.o .kelp/k"), "o\nk");
}

Test(backup, an_index_with_conflicts_and_intent_to_add)
{
    place_commit(&p);
    sh(p.repo, "git checkout -q -b other && echo theirs >src/f1.c && git commit -qam theirs && "
               "git checkout -q main && echo ours >src/f1.c && git commit -qam ours && "
               "! git merge -q other && echo later >later && git add -N later");
    json_auto_t *backup = round_trip(p.repo);

    expect_word(sh_out(p.repo, "git ls-files -u | wc -l"), "3");
    expect_word(sh_out(p.repo, "git cat-file blob %s^2:src/f1.c", str(backup, "commit")), "ours");
    expect_word(sh_out(p.repo, "git cat-file blob %s^3:stage3/src/f1.c", str(backup, "commit")),
                "theirs");
    expect_word(sh_out(p.repo, "git status --porcelain later"), " A later");
}

Test(backup, a_split_index)
{
    place_commit(&p);
    sh(p.repo, "git update-index --split-index && echo s >s && git add s");
    json_decref(back_up(p.repo));
    AUTO_FREE char *before = sh_out(p.repo, "git ls-files -s");
    sh(p.repo, "git rm -q --cached s src/f1.c && git update-index --no-split-index && "
               "rm -f .git/sharedindex.*");
    json_decref(bring_back(p.repo, false));

    expect_word(sh_out(p.repo, "git ls-files -s"), before);
}

Test(backup, nested_repositories_and_dirty_submodules_in_themselves)
{
    place_commit(&p);
    sh(p.root, "git init -q sub && cd sub && echo one >one && git add one && git commit -qm one");
    sh(p.repo, "git submodule --quiet add ../sub sub && git commit -qm sub && "
               "cd sub && echo dirty >>one && echo new >new && "
               "cd .. && git init -q nested && cd nested && echo in >in && git add in && "
               "git commit -qm in && echo more >>in && echo loose >loose && "
               "cd .. && git init -q fresh && echo unborn >fresh/file");
    json_auto_t *backup = round_trip(p.repo);

    cr_expect_eq(json_array_size(json_object_get(backup, "nested")), 3);
    expect_word(sh_out(p.repo, "git -C sub cat-file blob refs/kelp/backup/ORG_4729:new; "
                               "git -C nested cat-file blob refs/kelp/backup/ORG_4729:loose; "
                               "git -C fresh cat-file blob refs/kelp/backup/ORG_4729:file"),
                "new\nloose\nunborn");
}

/* Earlier builds named the repositories inside only in the report. */
Test(backup, one_of_an_earlier_build_brings_repositories_inside_back)
{
    place_commit(&p);
    sh(p.repo,
       "git init -q nested && cd nested && echo in >in && git add in && git commit -qm in && "
       "echo loose >loose");
    json_decref(op("backup", "{s:s, s:s, s:i, s:b, s:s}", "repo", p.repo, "run", "ORG_4729",
                   "max_file_bytes", 1000000, "include_large", 0, "base", "head"));
    sh(p.repo,
       "ref=refs/kelp/backup/ORG_4729; "
       "record=$(git ls-tree $ref^3 | grep -v 'nested$' | git mktree) && "
       "record=$(git commit-tree -m record $record) && "
       "git update-ref $ref $(git commit-tree -m old -p $ref^1 -p $ref^2 -p $record $ref^{tree})");
    cr_expect_eq(sh_status(p.repo, "git cat-file -e refs/kelp/backup/ORG_4729^3:nested"), 128);
    sh(p.repo, "rm nested/loose; echo changed >nested/in");
    json_decref(op("restore", "{s:s, s:s}", "repo", p.repo, "run", "ORG_4729"));
    expect_word(sh_out(p.repo, "cat nested/in nested/loose"), "in\nloose");
}

Test(backup, sparse_and_shallow_checkouts)
{
    place_commit(&p);
    AUTO_FREE char *shallow = os_path(p.root, "shallow");
    sh(p.repo, "mkdir far && echo far >far/away && git add -A && git commit -qm far && "
               "git push -q && git clone -q --depth 1 \"file://$PWD/../remote\" ../shallow && "
               "cd ../shallow && git sparse-checkout set src && echo mod >>src/f1.c");
    json_auto_t *backup = round_trip(shallow);

    cr_expect_eq(sh_status(shallow, "test ! -e far"), 0);
    expect_word(sh_out(shallow, "git cat-file blob %s:far/away", str(backup, "commit")), "far");
}

/* A replay begins where the recorded run did. */
Test(backup, the_run_can_start_from_another_commit)
{
    place_commit(&p);
    AUTO_FREE char *first = sh_out(p.repo, "git rev-parse HEAD");
    sh(p.repo, "echo later >later && git add . && git commit -qm later && echo now >now");
    json_auto_t *made =
        op("backup", "{s:s, s:s, s:i, s:b, s:s, s:s}", "repo", p.repo, "run", "ORG_4729",
           "max_file_bytes", 1000000, "include_large", 0, "base", "head", "base_commit", first);
    AUTO_FREE char *ref = sh_out(p.repo, "git rev-parse refs/kelp/base/ORG_4729");
    AUTO_FREE char *kept = sh_out(p.repo, "git show refs/kelp/backup/ORG_4729:now");

    cr_expect_str_eq(json_get_string(made, "base", ""), first);
    cr_expect_str_eq(ref, first);
    cr_expect_str_eq(kept, "now");
}

Test(backup, on_an_unborn_branch_the_base_is_an_empty_commit)
{
    sh(p.repo, "echo a >a && mkdir d && echo b >d/b && git add a");
    json_auto_t *backup = round_trip(p.repo);

    cr_expect(json_get_bool(backup, "unborn_base", false));
    expect_word(sh_out(p.repo, "git ls-tree -r %s | wc -l", str(backup, "base")), "0");
    expect_word(sh_out(p.repo, "git rev-parse refs/kelp/base/ORG_4729"), str(backup, "base"));
    cr_expect_neq(sh_status(p.repo, "git rev-parse -q --verify HEAD"), 0);
}

Test(backup, without_any_index)
{
    sh(p.repo, "echo a >a");
    json_decref(round_trip(p.repo));

    cr_expect_eq(sh_status(p.repo, "test ! -e .git/index"), 0);
}

Test(backup, base_worktree_is_the_backup_itself)
{
    place_commit(&p);
    sh(p.repo, "echo w >w");
    json_auto_t *backup =
        op("backup", "{s:s, s:s, s:s}", "repo", p.repo, "run", "ORG_4730", "base", "worktree");

    cr_expect_str_eq(str(backup, "base"), str(backup, "commit"));
}

Test(backup, a_repeat_keeps_the_first_state)
{
    place_commit(&p);
    sh(p.repo, "echo first >new");
    json_auto_t *one = back_up(p.repo);
    sh(p.repo, "echo second >new");
    json_auto_t *two = back_up(p.repo);

    cr_expect(json_equal(one, two));
    expect_word(sh_out(p.repo, "git cat-file blob refs/kelp/backup/ORG_4729:new"), "first");
}

Test(backup, large_untracked_files_are_named)
{
    place_commit(&p);
    sh(p.repo, "head -c 2000000 /dev/zero >large && echo small >small");
    json_auto_t *without = back_up(p.repo);
    json_auto_t *with = op("backup", "{s:s, s:s, s:i, s:b, s:s}", "repo", p.repo, "run", "ORG_4730",
                           "max_file_bytes", 1000000, "include_large", 1, "base", "head");
    const json_t *large = json_array_get(json_object_get(without, "large"), 0);

    cr_expect_str_eq(str(large, "path"), "large");
    cr_expect_eq(json_get_int(large, "bytes", -1), 2000000);
    cr_expect_eq(json_get_int(without, "files", -1), 7);
    cr_expect_eq(json_get_int(with, "files", -1), 8);
    cr_expect_eq(json_array_size(json_object_get(with, "large")), 1);
}

Test(restore, leaves_and_lists_what_came_later, .init = begin, .fini = end)
{
    place_commit(&p);
    json_decref(back_up(p.repo));
    sh(p.repo, "rm -rf src && mkdir -p new/deep && echo l >new/deep/later && "
               "echo in-the-way >src && git commit -qam gone");
    AUTO_FREE char *head = sh_out(p.repo, "git rev-parse HEAD");
    json_auto_t *answer = bring_back(p.repo, false);
    const json_t *left = json_object_get(answer, "left");

    cr_expect_eq(json_array_size(left), 1);
    cr_expect(json_has(left, "new/deep/later"));
    expect_word(sh_out(p.repo, "cat new/deep/later && ls src | wc -l"), "l\n5");
    expect_word(sh_out(p.repo, "git rev-parse HEAD"), head);
    expect_word(sh_out(p.repo, "git cat-file blob refs/kelp/backup/ORG_4729-before-restore-1:src"),
                "in-the-way");
}

Test(restore, exact_removes_what_came_later, .init = begin, .fini = end)
{
    place_commit(&p);
    json_decref(back_up(p.repo));
    AUTO_FREE char *before = listing(p.repo);
    sh(p.repo, "mkdir -p new/deep empty/one && echo l >new/deep/later && rm src/f1.c && "
               "mkdir src/f1.c && echo x >src/f1.c/x");
    json_decref(bring_back(p.repo, true));
    AUTO_FREE char *after = listing(p.repo);

    cr_expect_str_eq(after, before);
    json_auto_t *again = bring_back(p.repo, true);
    cr_expect_eq(json_get_int(again, "restored", -1), 0);
}

Test(restore, of_a_restore_brings_the_later_state_back, .init = begin, .fini = end)
{
    place_commit(&p);
    json_decref(back_up(p.repo));
    sh(p.repo, "echo changed >src/f1.c && chmod 600 src/f2.c && mkdir e");
    AUTO_FREE char *later = listing(p.repo);
    json_decref(bring_back(p.repo, true));
    json_decref(op("restore", "{s:s, s:s, s:b}", "repo", p.repo, "run", "ORG_4729-before-restore-1",
                   "exact", 1));
    AUTO_FREE char *now = listing(p.repo);

    cr_expect_str_eq(now, later);
}

Test(restore, refuses_when_somebody_holds_the_index, .init = begin, .fini = end)
{
    place_commit(&p);
    json_decref(back_up(p.repo));
    sh(p.repo, "echo x >src/f1.c && : >.git/index.lock");
    AUTO_FREE char *why =
        op_fault("restore", FAULT_BUSY, "{s:s, s:s}", "repo", p.repo, "run", "ORG_4729");

    cr_expect(strstr(why, "index.lock") != NULL, "%s", why);
    cr_expect_eq(sh_status(p.repo, "test -e .git/index.lock"), 0);
}

Test(restore, without_a_backup_says_so, .init = begin, .fini = end)
{
    place_commit(&p);
    free(op_fault("restore", FAULT_NOT_FOUND, "{s:s, s:s}", "repo", p.repo, "run", "ORG_1111"));
}

Test(snapshot, shows_the_tree_with_its_history, .init = begin, .fini = end)
{
    place_commit(&p);
    AUTO_FREE char *path = clone_path(&p, "look");
    sh(p.repo, "echo '* text=auto' >.gitattributes && printf 'a\\r\\n' >crlf && echo n >new && "
               "chmod 640 new && mkdir empty && rm src/f1.c && echo o >skip.o");
    AUTO_FREE char *refs = sh_out(p.repo, "git for-each-ref");
    json_auto_t *one = op("snapshot", "{s:s, s:s}", "repo", p.repo, "path", path);
    json_auto_t *two = op("snapshot", "{s:s, s:s}", "repo", p.repo, "path", path);
    sh(p.repo, "rm skip.o");
    AUTO_FREE char *there = listing(p.repo);
    AUTO_FREE char *here = listing(path);

    cr_expect(json_equal(one, two));
    cr_expect_str_eq(here, there);
    expect_word(sh_out(path, "git status --porcelain && git log --oneline | wc -l && "
                             "git blame -s src/f2.c | wc -l && git ls-files new"),
                "2\n20\nnew");
    expect_word(sh_out(p.repo, "git for-each-ref"), refs);
}

Test(snapshot, of_a_clean_tree_is_its_head, .init = begin, .fini = end)
{
    place_commit(&p);
    AUTO_FREE char *path = clone_path(&p, "look");
    json_auto_t *one = op("snapshot", "{s:s, s:s}", "repo", p.repo, "path", path);

    cr_expect_str_eq(str(one, "commit"), p.base);
    cr_expect_eq(json_get_int(one, "files", -1), 6);
}
