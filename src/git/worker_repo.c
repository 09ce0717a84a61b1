/* SPDX-License-Identifier: Apache-2.0 */
/* The operations on the user's repository: inspect, consolidate, merge, land, push, diffstat. */
#include "git/worker_priv.h"

#include "git/clone.h"
#include "git/inspect.h"
#include "git/land.h"
#include "git/merge.h"
#include "git/push.h"

int worker_inspect(const json_t *in, json_t **ret, struct fault *f)
{
    const char *path;
    AUTO_REPO_INFO info = {0};

    int r = want_path(in, "path", &path, f);
    if (r == 0)
        r = repo_inspect(path, &info, f);
    if (r < 0)
        return r;
    *ret = json_pack(
        "{s:o, s:o, s:b, s:b, s:b, s:b, s:o, s:o, s:s, s:o, s:o, s:I, s:b, s:b, s:I, s:s}", "top",
        json_text_or_null(info.top), "git_dir", json_text_or_null(info.git_dir), "bare", info.bare,
        "shallow", info.shallow, "sparse", info.sparse, "unborn", info.unborn, "head",
        json_text_or_null(info.head), "branch", json_text_or_null(info.branch), "state",
        repo_state_name(info.state), "upstream", json_text_or_null(info.upstream), "remote",
        json_text_or_null(info.remote), "ahead", (json_int_t)info.ahead, "dirty", info.dirty,
        "inside_clone", info.inside_clone, "tracked_files", (json_int_t)info.tracked_files,
        "git_version", info.git_version);
    return 0;
}

/* A list of {id, title, commit}; the strings are borrowed from `in`. The caller frees. */
static int want_branches(const json_t *in, struct branch **ret, size_t *ret_count, struct fault *f)
{
    const json_t *list = json_object_get(in, "branches");
    const json_t *entry;
    AUTO_FREE struct branch *branches = mem_zero((json_array_size(list) + 1) * sizeof *branches);
    size_t i;

    if (!json_is_array(list))
        return fault_set(f, FAULT_USAGE, "the key 'branches' must be a list");
    json_array_foreach ((json_t *)list, i, entry) {
        branches[i].title = json_get_string(entry, "title", NULL);
        int r = want_string(entry, "id", &branches[i].id, f);
        if (r == 0)
            r = want_oid(entry, "commit", &branches[i].commit, f);
        if (r < 0)
            return fault_wrap(f, "branch %zu", i + 1);
    }
    *ret_count = json_array_size(list);
    *ret = branches;
    branches = NULL;
    return 0;
}

static json_t *pairs_json(const struct branch *branches, const struct conflict_pairs *pairs)
{
    json_t *list = json_array();

    for (size_t i = 0; i < pairs->count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "a", branches[pairs->at[i].a].id,
                                              "b", branches[pairs->at[i].b].id, "paths",
                                              paths_json(&pairs->at[i].paths)));
    return list;
}

int worker_consolidate(const json_t *in, json_t **ret, struct fault *f)
{
    struct consolidate_spec spec = {0};
    struct conflict_pairs pairs = {0};

    int r = want_path(in, "repo", &spec.repo, f);
    if (r == 0)
        r = want_oid(in, "base", &spec.base, f);
    if (r == 0)
        r = want_branches(in, &spec.branches, &spec.count, f);
    if (r == 0)
        r = consolidate_branches(&spec, &pairs, f);
    if (r == 0) {
        json_t *files = json_object();
        for (size_t i = 0; i < spec.count; i++)
            json_object_set_new(files, spec.branches[i].id, paths_json(&spec.branches[i].files));
        *ret = json_pack("{s:o, s:o}", "files", files, "pairs", pairs_json(spec.branches, &pairs));
    }
    for (size_t i = 0; i < spec.count; i++)
        paths_free(&spec.branches[i].files);
    free(spec.branches);
    conflict_pairs_free(&pairs);
    return r;
}

static json_t *merge_json(const struct merge_spec *spec, const struct merge_result *result)
{
    json_t *merged = json_array(), *conflicts = json_array();

    for (size_t i = 0; i < result->merged_count; i++)
        json_array_append_new(merged, json_string(spec->branches[result->merged[i]].id));
    for (size_t i = 0; i < result->conflict_count; i++)
        json_array_append_new(
            conflicts, json_pack("{s:s, s:o}", "id", spec->branches[result->conflicts[i].branch].id,
                                 "paths", paths_json(&result->conflicts[i].paths)));
    return json_pack("{s:s, s:o, s:o, s:I, s:I, s:I, s:I}", "commit", result->commit, "merged",
                     merged, "conflicts", conflicts, "files", (json_int_t)result->files,
                     "insertions", (json_int_t)result->insertions, "deletions",
                     (json_int_t)result->deletions, "commits", (json_int_t)result->commits);
}

static int read_merge(const json_t *in, struct merge_spec *spec, struct fault *f)
{
    spec->path = json_get_string(in, "path", NULL);
    spec->run = json_get_string(in, "run", NULL);
    int r = want_path(in, "repo", &spec->repo, f);
    if (r == 0)
        r = want_oid(in, "base", &spec->base, f);
    if (r == 0)
        r = want_oid(in, "onto", &spec->onto, f);
    if (r == 0)
        r = want_string(in, "branch", &spec->branch, f);
    if (r == 0)
        r = want_string(in, "identity_key", &spec->identity_key, f);
    if (r == 0 && !spec->run)
        spec->run = text_starts(spec->branch, "kelp/") ? spec->branch + 5 : spec->branch;
    return r;
}

int worker_merge(const json_t *in, json_t **ret, struct fault *f)
{
    struct merge_spec spec = {0};
    struct merge_result result = {0};
    struct branch *branches = NULL;

    int r = read_merge(in, &spec, f);
    if (r == 0)
        r = want_branches(in, &branches, &spec.count, f);
    spec.branches = branches;
    if (r == 0)
        r = merge_branches(&spec, &result, f);
    if (r == 0)
        *ret = merge_json(&spec, &result);
    merge_result_free(&result);
    free(branches);
    return r;
}

int worker_land(const json_t *in, json_t **ret, struct fault *f)
{
    static const char *const modes[] = {
        [LAND_MERGE] = "merge", [LAND_BRANCH] = "branch", [LAND_NONE] = "none"};
    struct land_spec spec = {.branch = json_get_string(in, "branch", NULL),
                             .start_head = json_get_string(in, "start_head", NULL)};
    struct land_result result = {0};

    int mode = want_word(in, "mode", modes, COUNT_OF(modes), f);
    int r = mode < 0 ? mode : want_path(in, "repo", &spec.repo, f);
    if (r == 0)
        r = want_string(in, "run", &spec.run, f);
    if (r == 0)
        r = want_oid(in, "commit", &spec.commit, f);
    if (r < 0)
        return r;
    spec.mode = (enum land_mode)mode;
    r = land_run(&spec, &result, f);
    if (r == 0)
        *ret =
            json_pack("{s:b, s:s, s:o, s:o, s:o}", "landed", result.landed, "how", result.how,
                      "head", json_text_or_null(result.head), "reason",
                      json_text_or_null(result.reason), "blocking", paths_json(&result.blocking));
    land_result_free(&result);
    return r;
}

int worker_push(const json_t *in, json_t **ret, struct fault *f)
{
    static const char *const modes[] = {
        [PUSH_AUTO] = "auto", [PUSH_ALWAYS] = "always", [PUSH_NEVER] = "never"};
    struct push_spec spec = {.remote = json_get_string(in, "remote", NULL),
                             .upstream = json_get_string(in, "upstream", NULL),
                             .start_ahead = json_get_int(in, "start_ahead", 0),
                             .limit_ms = json_get_int(in, "limit_ms", 0)};
    struct push_result result = {0};

    int mode = want_word(in, "mode", modes, COUNT_OF(modes), f);
    int r = mode < 0 ? mode : want_path(in, "repo", &spec.repo, f);
    if (r == 0)
        r = want_string(in, "branch", &spec.branch, f);
    if (r == 0)
        r = want_oid(in, "commit", &spec.commit, f);
    if (r < 0)
        return r;
    spec.mode = (enum push_mode)mode;
    r = push_branch(&spec, &result, f);
    if (r == 0)
        *ret = json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "pushed", result.pushed, "skipped_why",
                         json_text_or_null(result.skipped_why), "refused_why",
                         json_text_or_null(result.refused_why), "remote",
                         json_text_or_null(result.remote), "ref", json_text_or_null(result.ref),
                         "command", json_text_or_null(result.command));
    push_result_free(&result);
    return r;
}

int worker_diffstat(const json_t *in, json_t **ret, struct fault *f)
{
    const char *repo, *from, *to;
    AUTO_DIFFSTAT d = {0};

    int r = want_path(in, "repo", &repo, f);
    if (r == 0)
        r = want_string(in, "from", &from, f);
    if (r == 0)
        r = want_string(in, "to", &to, f);
    if (r == 0)
        r = diffstat_of(repo, from, to, &d, f);
    if (r == 0)
        *ret = diff_json(&d);
    return r;
}
