/* SPDX-License-Identifier: Apache-2.0 */
#include "base/os.h"
#include "git/bundle.h"
#include "git/commits.h"
#include "git/files.h"
#include "git/inside.h"

#include <string.h>

enum { INSIDE_LIMIT_MS = 2 * 60 * 1000 };

/* One repository inside, and the one of kelp's own that borrows from it. */
struct keeping {
    const struct clone *clone;
    const struct inside *inside;
    struct inside_refs refs;
    struct git own;
    char *own_dir;
    char *users; /* the user's repository of the same submodule, or NULL */
};

static void keeping_free(struct keeping *k)
{
    inside_refs_free(&k->refs);
    free(k->own_dir);
    free(k->users);
}

static int borrow_objects(const struct keeping *k, struct fault *f)
{
    AUTO_FREE char *objects = os_path(k->inside->git_dir, "objects");
    AUTO_TEXT line = {0}, shallow = {0};

    path_quote_line(&line, objects);
    int r = file_put_in(k->own_dir, "objects/info/alternates", &line, f);
    if (r == 0)
        r = file_get_in(k->inside->git_dir, "shallow", &shallow, f);
    return r < 0 || !shallow.length ? r : file_put_in(k->own_dir, "shallow", &shallow, f);
}

/* Beside the clone, where no agent writes; it goes with the clone. */
static int make_own(struct keeping *k, struct fault *f)
{
    bool sha256 = k->refs.all.count && strlen(k->refs.all.at[0]) == GIT_OID_MAX;
    const char *format = sha256 ? "--object-format=sha256" : "--object-format=sha1";

    k->own_dir = os_path(k->clone->side, "inside.git");
    k->own = (struct git){.trust = GIT_OWN,
                          .cwd = k->clone->side,
                          .git_dir = k->own_dir,
                          .who = &k->clone->who,
                          .limit_ms = INSIDE_LIMIT_MS};
    struct git nowhere = {.trust = GIT_OWN, .cwd = k->clone->side};
    int r = os_remove_tree(k->own_dir, f);
    if (r == 0)
        r = git_run(&nowhere, GIT_ARGS("init", "-q", "--bare", format, k->own_dir), NULL, f);
    return r < 0 ? r : borrow_objects(k, f);
}

/* Where the user has checked out the same submodule, its objects are theirs already. */
static int find_users(struct keeping *k, struct fault *f)
{
    struct git user = {.cwd = k->clone->repo};
    AUTO_FREE char *name = os_path("modules", k->inside->name);
    AUTO_FREE char *modules = NULL;
    AUTO_FREE char *plain = text_format("%s/%s/.git", k->clone->repo, k->inside->name);

    int r = git_word(&user, GIT_ARGS("rev-parse", "--path-format=absolute", "--git-path", name),
                     &modules, f);
    if (r < 0)
        return r;
    if (os_is_dir(modules))
        k->users = mem_string(modules);
    else if (os_is_dir(plain))
        k->users = mem_string(plain);
    return 0;
}

/* What is in a submodule's working tree becomes a commit; its filters are not set up here. */
static int add_leftover(struct keeping *k, struct fault *f)
{
    struct git g = k->own;
    AUTO_FREE char *index = os_path(k->own_dir, "index");
    AUTO_FREE char *tree = NULL, *head_tree = NULL, *commit = NULL;
    int r = 0;

    if (!k->inside->work_tree)
        return 0;
    g.work_tree = g.cwd = k->inside->work_tree;
    g.index = index;
    if (k->refs.head)
        r = git_run(&g, GIT_ARGS("read-tree", k->refs.head), NULL, f);
    if (r == 0 && k->refs.head)
        r = git_tree_of(&g, k->refs.head, &head_tree, f);
    if (r == 0)
        r = git_run(&g, GIT_ARGS("-c", "advice.addEmbeddedRepo=false", "add", "-A"), NULL, f);
    if (r == 0)
        r = git_word(&g, GIT_ARGS("write-tree"), &tree, f);
    if (r < 0 || !tree || (head_tree && strcmp(tree, head_tree) == 0))
        return r;
    const struct commit_spec spec = {.tree = tree,
                                     .parents = GIT_ARGS(k->refs.head),
                                     .message =
                                         "What was not committed when the clone was removed\n"};
    r = commit_make(&g, &spec, &commit, f);
    if (r == 0)
        paths_add(&k->refs.all, commit);
    return r;
}

static int list_safe(const struct keeping *k, struct text *ret, struct fault *f)
{
    struct git user = {.git_dir = k->users};

    return k->users ? git_run(&user, GIT_ARGS("for-each-ref", "--format=^%(objectname)"), ret, f)
                    : 0;
}

static void add_lines(const struct paths *oids, const char *mark, struct text *ret)
{
    for (size_t i = 0; i < oids->count; i++)
        text_printf(ret, "%s%s\n", mark, oids->at[i]);
}

/* The bundle of a whole submodule is large, so that there is one only if something is new; then it
 * holds all that the user has not, since where remotes were is the agent's word. */
static int keep_new(const struct keeping *k, const char *stem, struct fault *f)
{
    const struct git user = {.git_dir = k->users};
    AUTO_FREE char *shallow = os_path(k->own_dir, "shallow");
    AUTO_TEXT safe = {0}, input = {0};
    AUTO_PATHS tips = {0};

    int r = list_safe(k, &safe, f);
    if (r < 0)
        return r;
    add_lines(&k->refs.all, "", &input);
    add_lines(&k->refs.remote, "^", &input);
    text_add_n(&input, text_get(&safe), safe.length);
    r = bundle_tips(&k->own, GIT_ARGS("rev-list", "--parents", "--ignore-missing", "--stdin"),
                    &input, &tips, f);
    if (r < 0 || !tips.count)
        return r;
    if (os_exists(shallow))
        add_lines(&k->refs.remote, "^", &safe); /* what is cut off could not be taken in */
    struct bundle_spec spec = {.stem = stem,
                               .from = &k->own,
                               .user = k->users ? &user : NULL,
                               .tips = &tips,
                               .safe = &safe};
    return bundle_keep(&spec, f);
}

/* "a/b" and "a+b" may share a name: bundles of one name are numbered. */
static char *stem_of(const struct keeping *k, const char *folder)
{
    const char *slash = strrchr(k->clone->path, '/');
    char *stem =
        text_format("%s/%s+%s", folder, slash ? slash + 1 : k->clone->path, k->inside->name);

    for (char *p = stem + strlen(stem) - strlen(k->inside->name); *p; p++)
        if (*p == '/' || (unsigned char)*p < ' ')
            *p = '+';
    return stem;
}

int inside_keep(const struct clone *clone, const struct inside *inside, const char *folder,
                struct fault *f)
{
    __attribute__((cleanup(keeping_free))) struct keeping k = {.clone = clone, .inside = inside};
    AUTO_FREE char *stem = stem_of(&k, folder);

    int r = inside_refs_read(inside, &k.refs, f);
    if (r == 0)
        r = make_own(&k, f);
    if (r == 0)
        r = find_users(&k, f);
    if (r == 0)
        r = add_leftover(&k, f);
    if (r == 0 && k.refs.all.count)
        r = keep_new(&k, stem, f);
    return r < 0 ? fault_wrap(f, "keep what only the repository '%s' inside has", inside->name) : 0;
}
