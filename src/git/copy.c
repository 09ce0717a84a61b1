/* SPDX-License-Identifier: Apache-2.0 */
#include "git/copy.h"

#include "base/os.h"
#include "git/bring.h"
#include "git/clone.h"
#include "git/files.h"
#include "git/stage.h"

#include <string.h>

static int gather_objects(const struct copy_spec *spec, const struct git *user,
                          struct clone *clone, struct fault *f)
{
    AUTO_FREE char *objects = NULL;
    AUTO_CLONE source = {0};

    if (spec->source && strcmp(spec->source, spec->repo) != 0) {
        int r = clone_open(spec->source, &source, f);
        if (r < 0)
            return r;
        AUTO_FREE char *own = os_path(source.git_dir, "objects");
        paths_add(&clone->objects, own);
        paths_add_all(&clone->objects, &source.objects);
    }
    int r = objects_of(user, &objects, f);
    if (r == 0)
        paths_add(&clone->objects, objects);
    return r;
}

static int describe(const struct copy_spec *spec, const struct git *user, struct clone *clone,
                    struct fault *f)
{
    clone_name(clone, spec->path);
    clone->repo = mem_string(spec->repo);
    clone->run = mem_string(spec->run);
    clone->branch = spec->branch ? mem_string(spec->branch) : NULL;
    clone->tip = mem_string(spec->commit);
    clone->raw = spec->raw;
    int r = identity_read(user, &clone->who, f);
    return r < 0 ? r : gather_objects(spec, user, clone, f);
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

static int fill(const struct copy_spec *spec, struct clone *clone, struct copy_result *result,
                struct fault *f)
{
    AUTO_FREE char *agents_index = os_path(clone->git_dir, "index");

    int r = stage_checkout(clone, spec->commit, f);
    if (r == 0)
        r = file_copy(clone->index, agents_index, f);
    if (r == 0 && spec->include_from)
        r = bring_included(clone, spec->include_from, &result->brought, f);
    if (r == 0)
        r = count_files(clone, &result->files, f);
    result->method = "checkout";
    return r;
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
    struct git user = {.cwd = spec->repo};
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
        r = describe(spec, &user, &clone, f);
    if (r == 0)
        r = clone_gather(&clone, &user, f);
    if (r == 0)
        r = clone_make(&clone, f);
    if (r == 0)
        r = fill(spec, &clone, &result, f);
    if (r == 0)
        r = clone_save(&clone, f);
    if (r < 0)
        return fault_wrap(f, "make the copy '%s'", spec->path);
    *ret = result;
    return 0;
}
