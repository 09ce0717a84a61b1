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

static const struct {
    const char *name, *command, *bundle, *file;
} inside_losses[] = {
    {"a commit in a submodule",
     "cd sub && git checkout -q -b own && echo kept >file && git add file && "
     "git commit -qm c",
     "ORG_4729.1+sub.bundle", "file"},
    {"a detached commit in a submodule",
     "cd sub && echo kept >file && git add file && git commit -qm c", "ORG_4729.1+sub.bundle",
     "file"},
    {"only a reflog of a submodule",
     "cd sub && echo kept >file && git add file && git commit -qm c && git reset -q --hard HEAD~1",
     "ORG_4729.1+sub.bundle", "file"},
    {"what is not committed in a submodule", "cd sub && echo kept >file", "ORG_4729.1+sub.bundle",
     "file"},
    {"packed refs of a submodule",
     "cd sub && git checkout -q -b own && echo kept >file && git add file && git commit -qm c && "
     "git gc -q",
     "ORG_4729.1+sub.bundle", "file"},
    {"the history of a repository in a folder",
     "mkdir -p a/b && cd a/b && git init -q && echo kept >file && git add file && "
     "git -c user.name=n -c user.email=e commit -qm c",
     "ORG_4729.1+a+b.bundle", "file"},
};

/* A submodule of the user's, which the copy of an agent checks out from where it came. */
static void check_out_submodule(void)
{
    sh(p.root, "git init -q lib && cd lib && echo one >one && git add one && git commit -qm lib");
    sh(p.repo,
       "git -c protocol.file.allow=always submodule -q add %s/lib sub 2>/dev/null && "
       "git commit -qm sub",
       p.root);
    free(p.base);
    p.base = sh_out(p.repo, "git rev-parse HEAD");
    json_decref(discard());
    json_auto_t *copied = do_copy(&p, "ORG_4729.1");
    free(path);
    path = mem_string(str(copied, "path"));
    sh(path, "git -c protocol.file.allow=always submodule -q update --init; test -e sub/one");
}

Test(discard, what_only_a_repository_inside_has_goes_into_a_bundle)
{
    for (size_t i = 0; i < COUNT_OF(inside_losses); i++) {
        if (i)
            place_end(&p), free(path), begin();
        check_out_submodule();
        sh(path, "%s", inside_losses[i].command);
        json_auto_t *one = discard();
        const json_t *inside = json_object_get(one, "inside");
        cr_assert_eq(json_array_size(inside), 1, "%s", inside_losses[i].name);
        const char *bundle = json_string_value(json_array_get(inside, 0));
        cr_expect(text_ends(bundle, inside_losses[i].bundle), "%s", bundle);
        sh(p.root, "git clone -q lib taken && git -C taken fetch -q %s 'refs/kelp/kept/*:refs/t/*'",
           bundle);
        expect_word(sh_out(p.root, "git -C taken show refs/t/1:%s", inside_losses[i].file), "kept");
        json_auto_t *two = discard();
        cr_expect(json_equal(one, two), "%s", inside_losses[i].name);
    }
}

Test(discard, what_a_submodule_has_from_elsewhere_needs_no_bundle)
{
    check_out_submodule();
    json_auto_t *one = discard();

    cr_expect_eq(json_array_size(json_object_get(one, "inside")), 0);
    expect_word(sh_out(p.clones, "ls -A"), "");
}

/* What an agent put into the configuration of a submodule is not git's business here. */
Test(discard, a_submodules_configuration_is_not_read)
{
    check_out_submodule();
    sh(path,
       "cd sub && echo kept >file && echo 'file filter=own' >.gitattributes && git add . && "
       "git commit -qm c && echo more >>file && for key in core.fsmonitor filter.own.clean "
       "filter.own.smudge core.sshCommand core.alternateRefsCommand uploadpack.packObjectsHook; do "
       "git config \"$key\" 'touch %s/pwned; cat'; done; git config remote.origin.promisor true; "
       "git config extensions.partialClone origin",
       p.root);
    json_auto_t *one = discard();

    cr_expect_eq(json_array_size(json_object_get(one, "inside")), 1);
    cr_expect_eq(sh_status(p.root, "test -e pwned"), 1);
}

/* Refs that kelp can't read are no reason to lose what they name. */
Test(discard, a_copy_with_a_repository_that_cannot_be_read_stays)
{
    AUTO_FREE char *bundles = os_path(p.root, "bundles");

    check_out_submodule();
    sh(path, "mkdir .git/modules/sub/reftable");
    AUTO_FREE char *why = op_fault("discard", FAULT_ENVIRONMENT, "{s:s, s:s, s:[], s:s}", "path",
                                   path, "repo", p.repo, "commits", "bundle_dir", bundles);
    cr_expect_not_null(strstr(why, "the refs of '"), "%s", why);
    cr_expect_eq(sh_status(path, "test -e sub/one"), 0);
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
