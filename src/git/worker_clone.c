/* SPDX-License-Identifier: Apache-2.0 */
/* The operations on kelp's clones: copy, settle, reset, measure, fetch. */
#include "git/worker_priv.h"

#include "git/copy.h"
#include "git/fetch.h"
#include "git/measure.h"
#include "git/settle.h"

int worker_copy(const json_t *in, json_t **ret, struct fault *f)
{
    struct copy_spec spec = {.source = json_get_string(in, "source", NULL),
                             .branch = json_get_string(in, "branch", NULL),
                             .include_from = json_get_string(in, "include_from", NULL)};
    struct copy_result result;

    int r = want_path(in, "repo", &spec.repo, f);
    if (r == 0)
        r = want_path(in, "path", &spec.path, f);
    if (r == 0)
        r = want_oid(in, "commit", &spec.commit, f);
    if (r == 0)
        r = want_string(in, "run", &spec.run, f);
    if (r == 0)
        r = copy_make(&spec, &result, f);
    if (r == 0)
        *ret =
            json_pack("{s:s, s:I, s:I, s:s}", "path", spec.path, "files", (json_int_t)result.files,
                      "brought", (json_int_t)result.brought, "method", result.method);
    return r;
}

static int read_settle(const json_t *in, struct settle_spec *spec, struct fault *f)
{
    const json_t *into = json_object_get(in, "into");

    spec->label = json_get_string(in, "agent_label", NULL);
    spec->writes_given = json_is_array(json_object_get(in, "writes"));
    int r = want_path(in, "path", &spec->path, f);
    if (r == 0)
        r = want_string(in, "message", &spec->message, f);
    if (r == 0)
        r = want_string(in, "exec_id", &spec->exec_id, f);
    if (r == 0)
        r = want_oid(in, "base", &spec->base, f);
    if (r == 0)
        r = want_list(in, "writes", &spec->writes, f);
    if (r == 0)
        r = want_list(in, "exclude", &spec->exclude, f);
    if (r < 0 || !json_is_object(into))
        return r;
    spec->into_branch = json_get_string(into, "branch", NULL);
    r = want_string(in, "agent_label", &spec->label, f);
    return r < 0 ? r : want_path(into, "path", &spec->into_path, f);
}

static json_t *settle_json(const struct settle_spec *spec, const struct settle_result *result)
{
    return json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:b}", "commit", result->commit,
        "start", spec->base, "commits", (json_int_t)result->commits, "files",
        (json_int_t)result->diff.count, "insertions", (json_int_t)result->diff.insertions,
        "deletions", (json_int_t)result->diff.deletions, "changed", diff_paths_json(&result->diff),
        "out_of_scope", paths_json(&result->out_of_scope), "nested", paths_json(&result->nested),
        "into_commit", json_text_or_null(result->into_commit), "conflicts",
        paths_json(&result->conflicts), "fallback_identity", result->fallback_identity);
}

int worker_settle(const json_t *in, json_t **ret, struct fault *f)
{
    struct settle_spec spec = {0};
    struct settle_result result = {0};

    int r = read_settle(in, &spec, f);
    paths_sort(&spec.exclude);
    if (r == 0)
        r = settle_clone(&spec, &result, f);
    if (r == 0) {
        *ret = settle_json(&spec, &result);
        settle_result_free(&result);
    }
    paths_free(&spec.writes);
    paths_free(&spec.exclude);
    return r;
}

int worker_reset(const json_t *in, json_t **ret, struct fault *f)
{
    const char *path, *commit;

    int r = want_path(in, "path", &path, f);
    if (r == 0)
        r = want_oid(in, "commit", &commit, f);
    if (r == 0)
        r = clone_reset(path, commit, f);
    if (r == 0)
        *ret = json_pack("{s:s, s:s}", "path", path, "commit", commit);
    return r;
}

int worker_measure(const json_t *in, json_t **ret, struct fault *f)
{
    const char *path;
    struct measure m = {0};

    int r = want_path(in, "path", &path, f);
    if (r == 0)
        r = measure_tree(path, &m, f);
    if (r < 0)
        return r;
    json_t *languages = json_object();
    for (size_t i = 0; i < m.count; i++)
        json_object_set_new(languages, m.at[i].language,
                            json_pack("{s:I, s:I}", "files", (json_int_t)m.at[i].files, "lines",
                                      (json_int_t)m.at[i].lines));
    *ret = json_pack("{s:I, s:I, s:I, s:o}", "files", (json_int_t)m.files, "bytes",
                     (json_int_t)m.bytes, "lines", (json_int_t)m.lines, "languages", languages);
    measure_free(&m);
    return 0;
}

int worker_fetch(const json_t *in, json_t **ret, struct fault *f)
{
    const char *repo, *path, *commit, *ref;

    int r = want_path(in, "repo", &repo, f);
    if (r == 0)
        r = want_path(in, "path", &path, f);
    if (r == 0)
        r = want_oid(in, "commit", &commit, f);
    if (r == 0)
        r = want_string(in, "ref", &ref, f);
    if (r == 0)
        r = fetch_commit(repo, path, commit, ref, f);
    if (r == 0)
        *ret = json_pack("{s:s, s:s}", "ref", ref, "commit", commit);
    return r;
}
