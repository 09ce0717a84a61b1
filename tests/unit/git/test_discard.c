/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

static struct place p;
static char *path;

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

TestSuite(discard, .init = begin, .fini = end, .timeout = 120);

static json_t *discard(void)
{
    AUTO_FREE char *bundles = os_path(p.root, "bundles");

    return op("discard", "{s:s, s:s, s:[], s:s}", "path", path, "repo", p.repo, "commits",
              "bundle_dir", bundles);
}

Test(discard, what_the_repository_has_needs_no_bundle)
{
    sh(path, "echo x >x");
    free(settle_and_fetch(&p, "ORG_4729.1"));
    json_auto_t *one = discard();
    json_auto_t *two = discard();

    cr_expect(json_get_bool(one, "removed", false));
    cr_expect(json_is_null(json_object_get(one, "bundle")));
    cr_expect(json_equal(one, two));
    expect_word(sh_out(p.clones, "ls -A"), "");
}

static const struct {
    const char *name, *command;
} losses[] = {
    {"a commit", "echo kept >file && git add file && git commit -qm c"},
    {"a stash", "echo kept >file && git add file && git stash -q"},
    {"a branch of its own",
     "git checkout -q -b own && echo kept >file && git add file && git commit -qm c && "
     "git checkout -q kelp/ORG_4729.1"},
    {"only a reflog",
     "echo kept >file && git add file && git commit -qm c && git reset -q --hard HEAD~1"},
    {"a detached commit",
     "git checkout -q --detach && echo kept >file && git add file && git commit -qm c"},
    {"a tag", "echo kept >file && git add file && git commit -qm c && git tag t && "
              "git reset -q --hard HEAD~1 && rm -rf .git/logs"},
    {"a ref outside of the branches",
     "echo kept >file && git add file && git commit -qm c && git update-ref refs/notes/n HEAD && "
     "git reset -q --hard HEAD~1 && rm -rf .git/logs"},
    {"a working tree of its own",
     "git worktree add -q --detach inner && cd inner && echo kept >file && git add file && "
     "git commit -qm c"},
    {"the files of a repository inside",
     "git init -q sub && cd sub && echo kept >file && git add file && git commit -qm c"},
    {"the working tree", "echo kept >file"},
};

Test(discard, what_only_the_clone_has_goes_into_a_bundle)
{
    for (size_t i = 0; i < COUNT_OF(losses); i++) {
        json_decref(do_copy(&p, "ORG_4729.1"));
        sh(path, "%s", losses[i].command);
        json_auto_t *answer = discard();
        cr_expect(json_get_bool(answer, "removed", false), "%s", losses[i].name);
        cr_assert_str_neq(str(answer, "bundle"), "", "%s", losses[i].name);
        sh(p.repo, "git fetch -q '%s' '+refs/kelp/kept/*:refs/found/*'", str(answer, "bundle"));
        expect_word(sh_out(p.repo, "b=$(echo kept | git hash-object --stdin); "
                                   "git rev-list --objects --glob=refs/found | grep -c $b"),
                    "1");
        sh(p.repo,
           "git for-each-ref --format='delete %%(refname)' refs/found | "
           "git update-ref --stdin && rm -f '%s' && git gc -q --prune=now",
           str(answer, "bundle"));
        cr_expect_eq(sh_status(p.root, "test ! -e '%s' -a ! -e '%s.kelp'", path, path), 0);
    }
}

Test(discard, a_later_copy_of_the_same_name_keeps_the_bundle_of_the_first)
{
    sh(path, "echo first >file && git add file && git commit -qm c");
    json_auto_t *first = discard();
    json_decref(do_copy(&p, "ORG_4729.1"));
    sh(path, "echo second >file && git add file && git commit -qm c");
    json_auto_t *second = discard();

    cr_assert_str_neq(str(first, "bundle"), str(second, "bundle"));
    sh(p.repo, "git fetch -q '%s' '+refs/kelp/kept/*:refs/one/*'", str(first, "bundle"));
    sh(p.repo, "git fetch -q '%s' '+refs/kelp/kept/*:refs/two/*'", str(second, "bundle"));
    expect_word(sh_out(p.repo, "git show refs/one/1:file"), "first");
    expect_word(sh_out(p.repo, "git show refs/two/1:file"), "second");
}

Test(discard, what_is_in_a_bundle_is_not_written_again)
{
    sh(path, "echo kept >file && git add file && git commit -qm c");
    sh(p.root, "cp -a '%s' saved", p.clones);
    json_auto_t *first = discard();
    sh(p.root, "rm -rf '%s' && mv saved '%s'", p.clones, p.clones);
    json_auto_t *again = discard();

    cr_expect_str_eq(str(again, "bundle"), str(first, "bundle"));
}

Test(discard, a_half_made_clone_just_goes)
{
    sh(p.clones, "rm ORG_4729.1.kelp/clone.json && echo x >ORG_4729.1/x");
    json_auto_t *answer = discard();

    cr_expect(json_is_null(json_object_get(answer, "bundle")));
    cr_expect_eq(sh_status(p.root, "test ! -e '%s'", path), 0);
}

Test(discard, the_last_copy_takes_the_template_along)
{
    json_auto_t *two = do_copy(&p, "ORG_4729.2");
    AUTO_FREE char *other = mem_string(str(two, "path"));
    cr_expect_eq(sh_status(p.clones, "test -d .templates/ORG_4729"), 0);
    json_decref(discard());
    cr_expect_eq(sh_status(p.clones, "test -d .templates/ORG_4729"), 0);
    free(path);
    path = mem_string(other);
    json_decref(discard());
    expect_word(sh_out(p.clones, "ls -A"), "");
}

/* The discard before was killed when the clones had gone. */
Test(discard, a_template_without_copies_goes)
{
    AUTO_FREE char *bundles = os_path(p.root, "bundles");

    json_decref(do_copy(&p, "ORG_4729.2"));
    sh(p.clones, "rm -r ORG_* && test -d .templates/ORG_4729");
    json_decref(op("discard_all", "{s:s, s:s, s:s, s:s, s:[]}", "repo", p.repo, "run", "ORG_4729",
                   "folder", p.clones, "bundle_dir", bundles, "keep"));
    expect_word(sh_out(p.clones, "ls -A"), "");
}

enum { MANY = 20, LOST = 3 };

/* More than there are threads; some have work that is nowhere else. */
Test(discard, all_but_those_to_keep_go_side_by_side)
{
    AUTO_FREE char *bundles = os_path(p.root, "bundles");
    AUTO_FREE char *kept = clone_path(&p, "ORG_4729.2");

    for (int i = 2; i <= MANY; i++) {
        AUTO_FREE char *name = text_format("ORG_4729.%d", i);
        json_decref(do_copy(&p, name));
    }
    for (int i = MANY - LOST + 1; i <= MANY; i++)
        sh(p.clones, "echo only here >ORG_4729.%d/lost", i);
    json_auto_t *answer = op("discard_all", "{s:s, s:s, s:s, s:[s]}", "repo", p.repo, "folder",
                             p.clones, "bundle_dir", bundles, "keep", kept);
    cr_expect_eq(json_array_size(json_object_get(answer, "removed")), MANY - 1);
    cr_expect_eq(json_array_size(json_object_get(answer, "bundles")), LOST);
    cr_expect_eq(json_array_size(json_object_get(answer, "kept")), 0);
    expect_word(sh_out(p.clones, "ls -A"), ".templates\nORG_4729.2\nORG_4729.2.kelp");
    json_auto_t *rest = op("discard_all", "{s:s, s:s, s:s, s:[]}", "repo", p.repo, "folder",
                           p.clones, "bundle_dir", bundles, "keep");
    cr_expect_eq(json_array_size(json_object_get(rest, "removed")), 1);
    expect_word(sh_out(p.clones, "ls -A"), "");
}
