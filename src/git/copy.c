/* SPDX-License-Identifier: Apache-2.0 */
#include "git/copy.h"

#include "base/os.h"
#include "git/bring.h"
#include "git/clone.h"
#include "git/files.h"
#include "git/stage.h"
#include "git/template.h"
#include "git/tree_copy.h"

#include <string.h>

/* The objects of the clone that the commit comes from, if it comes from one. */
static int add_source(const struct copy_spec *spec, struct clone *clone, struct fault *f)
{
    AUTO_CLONE source = {0};

    if (!spec->source || strcmp(spec->source, spec->repo) == 0)
        return 0;
    int r = clone_open(spec->source, &source, f);
    if (r < 0)
        return r;
    AUTO_FREE char *own = os_path(source.git_dir, "objects");
    AUTO_FREE char *kept = os_path(source.side, "objects");
    paths_add(&clone->objects, own);
    paths_add(&clone->objects, kept);
    paths_add_all(&clone->objects, &source.objects);
    return 0;
}

static void describe(const struct copy_spec *spec, struct clone *clone)
{
    clone_name(clone, spec->path);
    clone->repo = mem_string(spec->repo);
    clone->run = mem_string(spec->run);
    clone->branch = spec->branch ? mem_string(spec->branch) : NULL;
    clone->tip = mem_string(spec->commit);
    clone->raw = spec->raw;
}

static int count_files(const struct clone *clone, int64_t *ret, struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_TEXT out = {0};

    int r = git_run(&g, GIT_ARGS("ls-files", "-z"), &out, f);
    *ret = 0;
    for (size_t i = 0; r == 0 && i < out.length; i++)
        *ret += out.data[i] == '\0';
    return r;
}

/* An index of another version is no fault: git then looks at each file once. */
static int age(const struct clone *clone, int64_t *ret_files, struct fault *f)
{
    AUTO_FAULT late = {0};

    int r = tree_age(&(struct work_tree){clone->path, clone->index}, ret_files, &late);
    if (r == -FAULT_FORMAT)
        return count_files(clone, ret_files, f);
    return r < 0 ? fault_move(f, &late) : 0;
}

/* A repository that fetches contents when they are needed has to have them before: a clone only
 * reads what is there. A diff is what makes git fetch all at once. */
static int fetch_missing(const struct git *user, const char *commit, struct fault *f)
{
    AUTO_FREE char *promisor = NULL, *empty = NULL;

    int r =
        git_config_value(user, GIT_ARGS("--get-regexp", "^remote\\..*\\.promisor$"), &promisor, f);
    if (r < 0 || !promisor)
        return r;
    r = git_word(user, GIT_ARGS("hash-object", "-t", "tree", "/dev/null"), &empty, f);
    return r < 0
               ? r
               : git_run(user, GIT_ARGS("diff-tree", "-r", "--shortstat", empty, commit), NULL, f);
}

/* A clone whose files git writes, complete but for clone.json. */
static int make_by_git(const struct copy_spec *spec, struct clone *clone, int64_t *ret_files,
                       struct fault *f)
{
    struct git user = {.cwd = spec->repo};
    AUTO_FREE char *objects = NULL;

    describe(spec, clone);
    int r = identity_read(&user, &clone->who, f);
    if (r == 0)
        r = add_source(spec, clone, f);
    if (r == 0)
        r = objects_of(&user, &objects, f);
    if (r == 0)
        r = fetch_missing(&user, spec->commit, f);
    if (r < 0)
        return r;
    paths_add(&clone->objects, objects);
    r = clone_gather(clone, &user, f);
    if (r == 0)
        r = clone_make(clone, f);
    if (r == 0)
        r = stage_checkout(clone, spec->commit, f);
    return r < 0 ? r : age(clone, ret_files, f);
}

static int make_template(const char *path, const void *context, struct fault *f)
{
    struct copy_spec spec = *(const struct copy_spec *)context;
    AUTO_CLONE clone = {0};
    int64_t files;

    spec.path = path;
    spec.branch = NULL;
    int r = clone_remove(path, f);
    if (r == 0)
        r = make_by_git(&spec, &clone, &files, f);
    return r < 0 ? r : clone_save(&clone, f);
}

/* What follows from the repository is taken over from the template. */
static int take_side(const struct clone *template, const struct clone *clone, struct fault *f)
{
    static const char *const names[] = {"exclude", "packed-refs", "shallow"};

    int r = dir_ensure(clone->side, f);
    for (size_t i = 0; r == 0 && i < COUNT_OF(names); i++) {
        AUTO_FREE char *from = os_path(template->side, names[i]);
        AUTO_FREE char *to = os_path(clone->side, names[i]);
        if (os_exists(from))
            r = file_copy(from, to, f);
    }
    return r;
}

static int make_from_template(const struct copy_spec *spec, const struct clone *template,
                              struct clone *clone, struct copy_result *result, struct fault *f)
{
    bool same = strcmp(template->tip, spec->commit) == 0;

    describe(spec, clone);
    clone->who = (struct identity){mem_string(template->who.name), mem_string(template->who.email),
                                   template->who.fallback};
    clone->sha256 = template->sha256;
    result->method = same ? "template" : "template+update";
    int r = add_source(spec, clone, f);
    paths_add_all(&clone->objects, &template->objects);
    if (r == 0)
        r = take_side(template, clone, f);
    if (r == 0)
        r = clone_make(clone, f);
    if (r == 0)
        r = tree_copy(&(struct work_tree){template->path, template->index},
                      &(struct work_tree){clone->path, clone->index}, &result->files, f);
    if (r == 0 && !same)
        r = stage_checkout(clone, spec->commit, f);
    return r < 0 || same ? r : count_files(clone, &result->files, f);
}

static int start_over(struct clone *clone, const struct copy_spec *spec, struct fault *f)
{
    clone_free(clone);
    return clone_remove(spec->path, f);
}

/* From the template where that works. One that was changed is taken out of use; one whose index is
 * of another kind (SHA-256) stays, and git makes the copy. */
static int make(const struct copy_spec *spec, struct clone *clone, struct copy_result *result,
                struct fault *f)
{
    AUTO_CLONE template = {0};
    AUTO_FAULT late = {0};
    struct template_maker maker = {make_template, spec};
    int r = 0;

    if (!spec->raw)
        r = template_find(spec->path, spec->run, &maker, &template, f);
    if (r < 0)
        return r;
    if (r > 0) {
        r = make_from_template(spec, &template, clone, result, &late);
        if (r != -FAULT_CORRUPT && r != -FAULT_FORMAT)
            return r < 0 ? fault_move(f, &late) : 0;
        r = r == -FAULT_CORRUPT ? template_drop(&template, f) : 0;
        if (r == 0)
            r = start_over(clone, spec, f);
    }
    result->method = "checkout";
    return r < 0 ? r : make_by_git(spec, clone, &result->files, f);
}

static int finish(const struct copy_spec *spec, const struct clone *clone,
                  struct copy_result *result, struct fault *f)
{
    AUTO_FREE char *agents_index = os_path(clone->git_dir, "index");

    int r = file_copy(clone->index, agents_index, f);
    if (r == 0 && spec->include_from)
        r = bring_included(clone, spec->include_from, &result->brought, f);
    return r < 0 ? r : clone_save(clone, f);
}

static int existing(const struct copy_spec *spec, struct copy_result *result, struct fault *f)
{
    AUTO_CLONE clone = {0};

    int r = clone_open(spec->path, &clone, f);
    if (r == 0)
        r = count_files(&clone, &result->files, f);
    result->method = "existing";
    return r;
}

int copy_make(const struct copy_spec *spec, struct copy_result *ret, struct fault *f)
{
    struct copy_result result = {0};
    AUTO_CLONE clone = {0};

    if (!git_is_oid(spec->commit))
        return fault_set(f, FAULT_USAGE, "'%s' is not the full name of a commit", spec->commit);
    if (clone_is_complete(spec->path)) {
        int r = existing(spec, &result, f);
        if (r == 0)
            *ret = result;
        return r;
    }
    int r = clone_remove(spec->path, f);
    if (r == 0)
        r = make(spec, &clone, &result, f);
    if (r == 0)
        r = finish(spec, &clone, &result, f);
    if (r < 0)
        return fault_wrap(f, "make the copy '%s'", spec->path);
    *ret = result;
    return 0;
}
