/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include "git/index_file.h"

#include <sys/stat.h>

static struct place p;

static void begin(void)
{
    p = place_begin();
}

static void end(void)
{
    place_end(&p);
}

TestSuite(copy, .init = begin, .fini = end, .timeout = 120);

static void expect_clean_copy(const char *path, const char *like)
{
    AUTO_FREE char *here = listing(path);
    AUTO_FREE char *there = listing(like);

    cr_expect_str_eq(here, there);
    expect_word(sh_out(path, "git status --porcelain"), "");
    sh(path, "git fsck --strict --no-dangling && git update-index --refresh");
}

Test(copy, by_git_and_from_the_template_are_the_same_tree)
{
    sh(p.repo,
       "mkdir -p a/b/c && echo x >a/b/c/d && printf '#!/bin/sh\\n' >run && chmod 755 run && "
       "ln -s a/b link && : >empty && printf 'a\\n' >\"$(printf 'new\\nline \"q\"')\" && "
       "echo y >-rf && git add -A");
    place_commit(&p);
    json_auto_t *first = do_copy(&p, "ORG_4729.1");
    json_auto_t *second = do_copy(&p, "ORG_4729.2");
    json_auto_t *third = do_copy(&p, "ORG_4729.3");

    cr_expect_str_eq(str(first, "method"), "checkout");
    cr_expect_str_eq(str(second, "method"), "template");
    cr_expect_str_eq(str(third, "method"), "template");
    cr_expect_eq(json_get_int(third, "files", -1), 12);
    expect_clean_copy(str(first, "path"), p.repo);
    expect_clean_copy(str(second, "path"), p.repo);
    expect_clean_copy(str(third, "path"), p.repo);
    expect_word(sh_out(str(second, "path"), "git symbolic-ref --short HEAD"), "kelp/ORG_4729.2");
    expect_word(sh_out(str(second, "path"), "git rev-parse origin/main"), p.base);
}

Test(copy, of_another_commit_goes_from_the_template_too)
{
    place_commit(&p);
    json_decref(do_copy(&p, "ORG_4729.1"));
    json_decref(do_copy(&p, "ORG_4729.2"));
    sh(p.repo, "echo new >new && rm src/f1.c && echo changed >src/f2.c && git add -A && "
               "git commit -qm next");
    free(p.base);
    p.base = sh_out(p.repo, "git rev-parse HEAD");
    json_auto_t *three = do_copy(&p, "ORG_4729.3");

    cr_expect_str_eq(str(three, "method"), "template+update");
    expect_clean_copy(str(three, "path"), p.repo);
}

Test(copy, what_an_agent_writes_stays_in_its_copy)
{
    place_commit(&p);
    json_decref(do_copy(&p, "ORG_4729.1"));
    json_auto_t *two = do_copy(&p, "ORG_4729.2");
    json_auto_t *three = do_copy(&p, "ORG_4729.3");
    AUTO_FREE char *before = listing(str(three, "path"));
    sh(str(two, "path"), "echo mine >>src/f1.c && echo s >s && git add -A && git stash -q && "
                         "git branch mine && git config user.name Other");
    AUTO_FREE char *after = listing(str(three, "path"));

    cr_expect_str_eq(before, after);
    expect_word(sh_out(str(three, "path"), "git stash list; git branch --list mine"), "");
    expect_word(sh_out(p.repo, "git stash list; git branch --list mine; git config user.name"),
                "Test User");
    expect_word(sh_out(p.repo, "git status --porcelain"), "");
}

Test(copy, a_changed_template_is_not_trusted)
{
    place_commit(&p);
    json_decref(do_copy(&p, "ORG_4729.1"));
    json_decref(do_copy(&p, "ORG_4729.2"));
    sh(p.clones, "echo planted >.templates/ORG_4729/src/f3.c");
    json_auto_t *three = do_copy(&p, "ORG_4729.3");

    cr_expect_str_eq(str(three, "method"), "checkout");
    expect_clean_copy(str(three, "path"), p.repo);
    json_auto_t *four = do_copy(&p, "ORG_4729.4");
    cr_expect_str_eq(str(four, "method"), "template");
    expect_clean_copy(str(four, "path"), p.repo);
}

Test(copy, files_are_older_than_the_index_so_git_reads_none)
{
    place_commit(&p);
    json_auto_t *one = do_copy(&p, "ORG_4729.1");
    json_auto_t *two = do_copy(&p, "ORG_4729.2");
    const char *paths[] = {str(one, "path"), str(two, "path")};

    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        AUTO_FREE char *index = os_path(paths[i], ".git/index");
        AUTO_FREE char *name = os_path(paths[i], "src/f1.c");
        AUTO_INDEX_FILE file = {0};
        AUTO_FAULT f = {0};
        struct index_item item = {0};
        struct stat st, index_st;

        cr_assert_eq(index_file_read(index, &file, &f), 0, "%s", f.message);
        do
            cr_assert(index_file_next(&file, &item));
        while (strcmp(item.path, "src/f1.c") != 0);
        cr_assert_eq(lstat(name, &st), 0);
        cr_assert_eq(lstat(index, &index_st), 0);
        cr_expect(index_item_is(&item, &st));
        cr_expect_lt(st.st_mtim.tv_sec, index_st.st_mtim.tv_sec);
    }
}

Test(copy, a_repeat_returns_what_is_there)
{
    place_commit(&p);
    json_auto_t *one = do_copy(&p, "ORG_4729.1");
    sh(str(one, "path"), "echo work >work");
    json_auto_t *again = do_copy(&p, "ORG_4729.1");

    cr_expect_str_eq(str(again, "method"), "existing");
    expect_word(sh_out(str(one, "path"), "cat work"), "work");
}

Test(copy, a_half_made_one_is_made_anew)
{
    place_commit(&p);
    AUTO_FREE char *path = clone_path(&p, "ORG_4729.1");
    sh(p.root, "mkdir -p '%s/.git' '%s.kelp' && echo junk >'%s/junk' && echo junk >'%s/.git/HEAD'",
       path, path, path, path);
    json_decref(do_copy(&p, "ORG_4729.1"));

    expect_clean_copy(path, p.repo);
}

Test(copy, brings_ignored_files_that_are_asked_for)
{
    place_commit(&p);
    AUTO_FREE char *path = clone_path(&p, "ORG_4729.1");
    sh(p.repo, "printf '.env*\\ncache/\\nsecret\\n' >>.gitignore && git commit -qam ignore && "
               "echo k=v >.env && chmod 600 .env && mkdir cache && echo big >cache/x && "
               "echo s >secret && echo loose >untracked && "
               "printf '.env\\n/cache\\nuntracked\\n' >.worktreeinclude");
    AUTO_FREE char *head = sh_out(p.repo, "git rev-parse HEAD");
    json_auto_t *copied =
        op("copy", "{s:s, s:s, s:s, s:s, s:s, s:s}", "repo", p.repo, "commit", head, "branch",
           "kelp/ORG_4729.1", "path", path, "run", "ORG_4729", "include_from", p.repo);

    cr_expect_eq(json_get_int(copied, "brought", -1), 2);
    expect_word(sh_out(path, "cat .env cache/x; stat -c %%a .env; ls -A"),
                "k=v\nbig\n600\n.env\n.git\n.gitignore\ncache\nsrc");
    /* The agent stops ignoring them; they are not committed all the same. */
    sh(path, "echo '*.o' >.gitignore");
    json_auto_t *settled = do_settle(&p, "ORG_4729.1");
    cr_expect(!json_has(json_object_get(settled, "changed"), ".env"));
    cr_expect(!json_has(json_object_get(settled, "changed"), "cache/x"));
}

Test(copy, of_shallow_sparse_and_crlf_repositories)
{
    place_commit(&p);
    AUTO_FREE char *shallow = os_path(p.root, "shallow");
    AUTO_FREE char *path = clone_path(&p, "s");
    sh(p.repo, "echo '*.txt text eol=crlf' >.gitattributes && printf 'a\\r\\nb\\r\\n' >t.txt && "
               "git add -A && git commit -qm crlf && git push -q && "
               "git clone -q --depth 1 \"file://$PWD/../remote\" ../shallow && "
               "cd ../shallow && git sparse-checkout set --no-cone /t.txt");
    AUTO_FREE char *head = sh_out(shallow, "git rev-parse HEAD");
    json_decref(op("copy", "{s:s, s:s, s:s, s:s, s:s}", "repo", shallow, "commit", head, "branch",
                   "kelp/x", "path", path, "run", "ORG_4729"));

    expect_clean_copy(path, p.repo);
    expect_word(sh_out(path, "git log --oneline | wc -l"), "1");
}

Test(copy, filters_of_the_user_do_not_run)
{
    place_commit(&p);
    sh(p.repo, "git config --global filter.lfs.smudge 'touch ../smudged; cat' && "
               "git config --global filter.lfs.clean 'touch ../cleaned; cat' && "
               "git config --global filter.lfs.required true && "
               "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:00\\nsize 3\\n' "
               ">big.bin && git add big.bin && echo '*.bin filter=lfs' >.gitattributes && "
               "git add .gitattributes && git commit -qm lfs");
    free(p.base);
    p.base = sh_out(p.repo, "git rev-parse HEAD");
    sh(p.root, "rm -f smudged cleaned clones/smudged");
    json_auto_t *one = do_copy(&p, "ORG_4729.1");

    expect_word(sh_out(str(one, "path"), "head -1 big.bin"),
                "version https://git-lfs.github.com/spec/v1");
    cr_expect_eq(sh_status(p.root, "test ! -e smudged -a ! -e clones/smudged"), 0);
    sh(str(one, "path"), "echo more >>big.bin");
    json_auto_t *settled = do_settle(&p, "ORG_4729.1");
    cr_expect(json_has(json_object_get(settled, "changed"), "big.bin"));
    cr_expect_eq(sh_status(p.root, "test ! -e cleaned -a ! -e clones/cleaned"), 0);
}

Test(copy, of_a_sha256_repository)
{
    AUTO_FREE char *repo = os_path(p.root, "sha256");
    sh(p.root, "git init -q --object-format=sha256 sha256 && cd sha256 && echo a >a && "
               "git add a && git commit -qm a");
    free(p.base);
    p.base = sh_out(repo, "git rev-parse HEAD");
    free(p.repo);
    p.repo = mem_string(repo);
    json_decref(do_copy(&p, "ORG_4729.1"));
    json_auto_t *two = do_copy(&p, "ORG_4729.2");

    cr_expect_str_eq(str(two, "method"), "checkout");
    expect_clean_copy(str(two, "path"), repo);
    sh(str(two, "path"), "echo b >b && rm a");
    json_auto_t *settled = do_settle(&p, "ORG_4729.2");
    cr_expect_eq(json_get_int(settled, "files", -1), 2);
}

Test(copy, of_a_partial_clone_has_every_file)
{
    place_commit(&p);
    AUTO_FREE char *partial = os_path(p.root, "partial");
    sh(p.root, "git -C remote config uploadpack.allowFilter true && "
               "git clone -q --no-checkout --filter=blob:none \"file://$PWD/remote\" partial");
    AUTO_FREE char *path = clone_path(&p, "x");
    json_decref(op("copy", "{s:s, s:s, s:s, s:s, s:s}", "repo", partial, "commit", p.base, "branch",
                   "kelp/x", "path", path, "run", "ORG_4729"));
    AUTO_FREE char *here = listing(path);
    AUTO_FREE char *there = listing(p.repo);

    cr_expect_str_eq(here, there);
}

Test(copy, of_an_empty_commit)
{
    free(p.base);
    p.base = sh_out(p.repo, "git commit-tree $(git hash-object -w -t tree /dev/null) -m empty");
    json_decref(do_copy(&p, "ORG_4729.1"));
    json_auto_t *two = do_copy(&p, "ORG_4729.2");

    cr_expect_str_eq(str(two, "method"), "template");
    cr_expect_eq(json_get_int(two, "files", -1), 0);
    sh(str(two, "path"), "echo x >x");
    json_auto_t *settled = do_settle(&p, "ORG_4729.2");
    cr_expect_eq(json_get_int(settled, "files", -1), 1);
}

/* The first makes no template, the second does, the others wait for it. */
Test(copy, eight_at_the_same_time)
{
    place_commit(&p);
    AUTO_TEXT command = {0};
    AUTO_FREE char *there = listing(p.repo);

    for (int i = 0; i < 8; i++) {
        AUTO_FREE char *name = text_format("at-once-%d", i);
        AUTO_FREE char *path = clone_path(&p, name);
        AUTO_FREE char *spec = text_format("%s/%s.json", p.root, name);
        AUTO_FAULT f = {0};
        json_auto_t *in = json_pack("{s:s, s:s, s:s, s:s, s:s}", "repo", p.repo, "commit", p.base,
                                    "branch", name, "path", path, "run", "ORG_4729");
        cr_assert_eq(json_write_file(spec, in, &f), 0);
        text_printf(&command, "'%s/kelp-worker' copy %s %s.out & ", getenv("KELP_TEST_BUILD"), spec,
                    spec);
    }
    text_add(&command, "wait");
    sh(p.root, "%s", command.data);
    for (int i = 0; i < 8; i++) {
        AUTO_FREE char *path = text_format("%s/at-once-%d", p.clones, i);
        AUTO_FREE char *here = listing(path);
        cr_expect_str_eq(here, there);
        expect_word(sh_out(path, "git status --porcelain"), "");
    }
}
