/* SPDX-License-Identifier: Apache-2.0 */
/* What the git worker answered becomes an outcome. */
#include "engine/redo.h"

#include "base/os.h"

#include <string.h>

enum { ANSWER_MAX_BYTES = 256 * 1024 * 1024 };

struct reply {
    const struct engine *e;
    const struct job *j;
    const json_t *answer;
    struct arena *a;
    struct outcome *out;
};

static const char *string(const struct reply *r, const char *key)
{
    const char *s = json_get_string(r->answer, key, NULL);

    return s ? arena_string(r->a, s) : NULL;
}

static uint32_t number(const struct reply *r, const char *key)
{
    int64_t n = json_get_int(r->answer, key, 0);

    return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static struct strings list_of(const struct reply *r, const json_t *array)
{
    struct strings list = {arena_array(r->a, json_array_size(array), sizeof *list.at), 0};
    size_t i;
    json_t *value;

    json_array_foreach (array, i, value)
        if (json_is_string(value))
            list.at[list.count++] = arena_string(r->a, json_string_value(value));
    return list;
}

static void read_backup(struct reply *r)
{
    r->out->commit = string(r, "base");
    r->out->reference = string(r, "commit");
    r->out->yes = json_get_bool(r->answer, "dirty", false);
}

static void read_copy(struct reply *r)
{
    const struct tree *t = r->e->tree;
    const struct orch *o = &t->orchs.at[r->j->orch];

    if (r->j->agent != AGENT_NONE)
        r->out->commit = o->work->agents.at[r->j->agent].start_commit;
    else
        r->out->commit = o->kind == ORCH_CLEANUP ? t->commit : t->base;
}

static void read_figures(struct reply *r)
{
    r->out->commit = string(r, "commit");
    r->out->commits = number(r, "commits");
    r->out->files = number(r, "files");
    r->out->insertions = number(r, "insertions");
    r->out->deletions = number(r, "deletions");
}

static void read_settle(struct reply *r)
{
    read_figures(r);
    r->out->paths = list_of(r, json_object_get(r->answer, "out_of_scope"));
}

static void read_join(struct reply *r)
{
    r->out->commit = string(r, "into_commit");
    r->out->paths = list_of(r, json_object_get(r->answer, "conflicts"));
    if (!r->out->commit) {
        r->out->error = ERROR_FAILED;
        r->out->message =
            r->out->paths.count
                ? arena_format(r->a, "%zu path%s in conflict, first '%s'", r->out->paths.count,
                               r->out->paths.count == 1 ? "" : "s", r->out->paths.at[0])
                : "not merged";
    }
}

/* files, bytes, lines; and the lines of each language as "lines.C". */
static void read_measure(struct reply *r)
{
    static const char *const plain[] = {"files", "bytes", "lines"};
    json_t *languages = json_object_get(r->answer, "languages"), *value;
    struct metric *list =
        arena_array(r->a, COUNT_OF(plain) + json_object_size(languages), sizeof *list);
    size_t n = 0;
    const char *key;

    for (size_t i = 0; i < COUNT_OF(plain); i++)
        list[n++] = (struct metric){plain[i], json_get_number(r->answer, plain[i], 0)};
    json_object_foreach (languages, key, value)
        list[n++] = (struct metric){arena_format(r->a, "lines.%s", key),
                                    json_get_number(value, "lines", 0)};
    r->out->measures = (struct metrics){list, n};
}

static void read_commit(struct reply *r)
{
    r->out->commit = string(r, "commit");
}

static uint32_t orch_of_id(const struct reply *r, const char *text)
{
    const struct tree *t = r->e->tree;
    struct exec_id id;
    AUTO_FAULT f = {0};

    if (!text || exec_id_parse(text, &id, &f) < 0)
        return ORCH_NONE;
    for (uint32_t i = 0; i < t->orchs.count; i++)
        if (exec_id_same(t->orchs.at[i].id, id))
            return i;
    return ORCH_NONE;
}

static void read_consolidate(struct reply *r)
{
    const json_t *pairs = json_object_get(r->answer, "pairs");
    struct branch_pair *list = arena_array(r->a, json_array_size(pairs), sizeof *list);
    size_t i;
    json_t *pair;

    json_array_foreach (pairs, i, pair)
        list[i] = (struct branch_pair){.a = orch_of_id(r, json_get_string(pair, "a", NULL)),
                                       .b = orch_of_id(r, json_get_string(pair, "b", NULL)),
                                       .paths = list_of(r, json_object_get(pair, "paths"))};
    r->out->pairs = list;
    r->out->pair_count = json_array_size(pairs);
}

static void read_merge(struct reply *r)
{
    const json_t *merged = json_object_get(r->answer, "merged");
    const json_t *conflicts = json_object_get(r->answer, "conflicts");
    size_t count = json_array_size(merged) + json_array_size(conflicts), n = 0, i;
    struct branch_outcome *list = arena_array(r->a, count, sizeof *list);
    json_t *value;

    read_figures(r);
    json_array_foreach (merged, i, value)
        list[n++] = (struct branch_outcome){.orch = orch_of_id(r, json_string_value(value)),
                                            .merged = true};
    json_array_foreach (conflicts, i, value)
        list[n++] =
            (struct branch_outcome){.orch = orch_of_id(r, json_get_string(value, "id", NULL)),
                                    .paths = list_of(r, json_object_get(value, "paths"))};
    r->out->branches = list;
    r->out->branch_count = n;
}

static void read_land(struct reply *r)
{
    const struct tree *t = r->e->tree;
    const char *how = json_get_string(r->answer, "how", "none");
    bool branch = strcmp(how, "branch") == 0;

    r->out->yes = json_get_bool(r->answer, "landed", false);
    r->out->skipped = !r->out->yes && strcmp(how, "none") == 0 && t->plan->land == LAND_NONE;
    r->out->message = string(r, "reason");
    r->out->paths = list_of(r, json_object_get(r->answer, "blocking"));
    if (!r->out->yes)
        return;
    AUTO_FREE char *own = branch_name(r->e, 0);
    r->out->commit = branch ? t->commit : string(r, "head");
    r->out->reference = branch ? arena_string(r->a, own) : t->request.branch;
}

static void read_push(struct reply *r)
{
    const char *skipped = string(r, "skipped_why"), *refused = string(r, "refused_why");
    const char *command = string(r, "command");

    r->out->yes = json_get_bool(r->answer, "pushed", false);
    r->out->skipped = skipped != NULL;
    r->out->message = skipped;
    if (refused)
        r->out->message =
            command ? arena_format(r->a, "%s (to try again: %s)", refused, command) : refused;
    r->out->reference = string(r, "remote");
}

static void read_nothing(struct reply *r)
{
    (void)r;
}

static void (*const readers[JOB_KIND_COUNT])(struct reply *r) = {
    [JOB_SNAPSHOT] = read_nothing,
    [JOB_BACKUP] = read_backup,
    [JOB_COPY] = read_copy,
    [JOB_RESET] = read_nothing,
    [JOB_SETTLE] = read_settle,
    [JOB_JOIN] = read_join,
    [JOB_MEASURE] = read_measure,
    [JOB_FETCH] = read_commit,
    [JOB_CONSOLIDATE] = read_consolidate,
    [JOB_MERGE] = read_merge,
    [JOB_VERIFY_COPY] = read_nothing,
    [JOB_LAND] = read_land,
    [JOB_PUSH] = read_push,
    [JOB_DISCARD] = read_nothing,
};

/* The worker says what went wrong in its answer; without one the end of the process must do. */
static void read_fault(const json_t *answer, const char *dir, const struct keeper_event *ev,
                       struct arena *a, struct outcome *ret)
{
    const json_t *fault = json_object_get(answer, "fault");
    const char *message = json_get_string(fault, "message", NULL);
    const char *hint = json_get_string(fault, "hint", NULL);

    ret->error = ev->lost || ev->signal ? ERROR_CRASH : ERROR_FAILED;
    if (message && hint)
        ret->message = arena_format(a, "%s (%s)", message, hint);
    else
        ret->message = message ? arena_string(a, message) : result_trouble(dir, ev, a);
}

void git_answer_read(const struct engine *e, const struct job *j, const json_t *answer,
                     struct arena *a, struct outcome *ret)
{
    struct reply r = {e, j, answer, a, ret};

    readers[j->kind](&r);
}

void git_result_read(struct engine *e, uint32_t job, const struct keeper_event *ev, struct arena *a,
                     struct outcome *ret)
{
    AUTO_FREE char *dir = path_attempt(e, job);
    AUTO_FREE char *path = os_path(dir, "result.json");
    AUTO_FAULT f = {0};
    json_t *answer = NULL;

    *ret = (struct outcome){.exit_code = ev->kind == KEEPER_ENDED ? ev->exit_code : -1,
                            .signal = ev->signal,
                            .cpu_us = ev->user_us + ev->system_us,
                            .max_rss_kib = ev->max_rss_kib};
    bool read =
        ev->kind == KEEPER_ENDED && json_read_file(path, ANSWER_MAX_BYTES, &answer, &f) == 0;
    if (redo_stops(e, job, &f))
        return;
    if (!read || ev->exit_code != 0)
        read_fault(answer, dir, ev, a, ret);
    else
        git_answer_read(e, &e->tree->jobs.at[job], answer, a, ret);
    json_decref(answer);
}
