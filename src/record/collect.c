/* SPDX-License-Identifier: Apache-2.0 */
#include "record/collect.h"

#include "base/os.h"
#include "engine/replay.h"
#include "git/git.h"
#include "journal/codec.h"
#include "plan/write.h"
#include "record/change.h"
#include "record/container.h"
#include "record/outline.h"
#include "record/stream_copy.h"

#include <string.h>

enum { MANIFEST_VERSION = 1 };

struct collecting {
    const struct collect *what;
    struct container *out;
    struct change_store *changes;
    struct collected *sums;
};

/* Where an attempt is on disk and in the recording. */
struct source_attempt {
    const struct attempt *x;
    const char *driver;
    char *key, *dir;
};

static int add(struct collecting *c, const char *name, struct text *bytes, struct fault *f)
{
    if (bytes->length)
        c->sums->secrets += redact_bytes(c->what->redact, bytes->data, bytes->length);
    return container_add(c->out, name, text_get(bytes), bytes->length, f);
}

static int add_json(struct collecting *c, const char *name, const json_t *value, struct fault *f)
{
    AUTO_FREE char *string = json_text(value, 2);
    AUTO_TEXT bytes = {0};

    text_add(&bytes, string);
    return add(c, name, &bytes, f);
}

static int add_file(struct collecting *c, const struct source_attempt *s, const char *file,
                    struct fault *f)
{
    AUTO_FREE char *path = os_path(s->dir, file);
    AUTO_FREE char *name = text_format("attempts/%s/%s", s->key, file);
    AUTO_TEXT bytes = {0};
    bool cut = false;

    if (!stream_copy(path, COLLECT_STREAM_MAX, &bytes, &cut))
        return 0;
    c->sums->cut += cut;
    return add(c, name, &bytes, f);
}

/* A result that is too long was refused when it was read, and is again when it is not there. */
static int add_result(struct collecting *c, const struct source_attempt *s, struct fault *f)
{
    AUTO_FREE char *path = os_path(s->dir, "result.json");
    AUTO_FREE char *name = text_format("attempts/%s/result.json", s->key);
    AUTO_TEXT bytes = {0};
    bool cut = false;

    if (!stream_copy(path, COLLECT_RESULT_MAX, &bytes, &cut) || cut)
        return 0;
    return add(c, name, &bytes, f);
}

static int add_play(struct collecting *c, const struct source_attempt *s, struct fault *f)
{
    const struct attempt *x = s->x;
    AUTO_FREE char *name = text_format("attempts/%s/play.json", s->key);
    json_auto_t *play = json_pack(
        "{s:i, s:i, s:I, s:b, s:o, s:s}", "exit", (int)x->exit_code, "signal", (int)x->signal,
        "duration_ms", (json_int_t)(x->started_ms ? x->ended_ms - x->started_ms : 0), "hangs",
        x->error == ERROR_TIMEOUT, "driver", json_text_or_null(s->driver), "error",
        attempt_error_name(x->error));

    return add_json(c, name, play, f);
}

static int add_attempt(struct collecting *c, const struct source_attempt *s, struct fault *f)
{
    if (!os_is_dir(s->dir)) {
        int r = fault_set(f, FAULT_NOT_FOUND, "what the attempt '%s' printed is gone", s->dir);
        fault_hint(f, "somebody removed it from the folder of the run");
        return r;
    }
    int r = add_play(c, s, f);
    if (r == 0)
        r = add_file(c, s, "stdout", f);
    if (r == 0)
        r = add_file(c, s, "stderr", f);
    if (r == 0)
        r = add_result(c, s, f);
    c->sums->attempts++;
    return r;
}

static void source_free(struct source_attempt *s)
{
    free(s->key);
    free(s->dir);
}

/* Whether there is something to play: it ended, and nobody interrupted it. */
static bool is_recorded(const struct attempt *x)
{
    return x->ended_ms && x->error != ERROR_CANCELLED;
}

static int add_change(struct collecting *c, const struct agent *a, const char *key, struct fault *f)
{
    AUTO_FREE char *name = text_format("attempts/%s/change.patch", key);
    AUTO_TEXT patch = {0};

    if (!a->result || !a->result->commit[0] || !a->start_commit[0] ||
        strcmp(a->result->commit, a->start_commit) == 0)
        return 0;
    int r = 0;
    if (!c->changes)
        r = change_store_open(c->what->root, c->what->run_dir, &c->changes, f);
    if (r == 0)
        r = change_diff(c->changes, a->start_commit, a->result->commit, &patch, f);
    if (r < 0 || !patch.length)
        return r;
    size_t before = c->sums->secrets;
    r = add(c, name, &patch, f);
    c->sums->changed_secrets += c->sums->secrets - before;
    return r;
}

static char *attempt_dir(const struct collecting *c, const struct orch *o, const struct agent *a,
                         uint32_t job)
{
    const struct job *j = &c->what->tree->jobs.at[job];
    char id[EXEC_ID_TEXT_MAX], name[16];

    exec_id_format(o->id, id);
    if (!a)
        return text_format("%s/attempts/%s/planner.j%u", c->what->run_dir, id, job);
    tree_agent_name(a, name);
    return text_format("%s/attempts/%s/w%u.%s.a%u.j%u", c->what->run_dir, id, a->wave, name,
                       j->attempt, job);
}

static int add_agent(struct collecting *c, const struct orch *o, const struct agent *a,
                     struct fault *f)
{
    const struct tree *t = c->what->tree;
    const struct plan_step *step = tree_agent_step(t, o, a);
    AUTO_FREE char *last = NULL;
    int r = 0;

    if (plan_step_is_command(step))
        return 0;
    for (const struct attempt *x = a->first_attempt; r == 0 && x; x = x->next) {
        if (!is_recorded(x))
            continue;
        struct source_attempt s = {x, step->settings.agent, replay_key(t, x->job),
                                   attempt_dir(c, o, a, x->job)};
        r = add_attempt(c, &s, f);
        free(last);
        last = mem_string(s.key);
        source_free(&s);
    }
    return r == 0 && last ? add_change(c, a, last, f) : r;
}

static int add_planner(struct collecting *c, struct fault *f)
{
    const struct tree *t = c->what->tree;
    int r = 0;

    for (const struct attempt *x = t->planner.first_attempt; r == 0 && x; x = x->next) {
        if (!is_recorded(x))
            continue;
        struct source_attempt s = {x, t->request.planner, replay_key(t, x->job),
                                   attempt_dir(c, &t->orchs.at[0], NULL, x->job)};
        r = add_attempt(c, &s, f);
        source_free(&s);
    }
    return r;
}

/* The planner is asked again only where a model was, and all subtasks are its own: those that
 * agents asked for are part of the plan. */
static bool is_planned(const struct tree *t)
{
    return t->request.planned || !t->request.planner[0] || t->requested.count;
}

static json_t *request_json(const struct tree *t)
{
    struct run_request request = t->request;

    request.plan = NULL;
    request.replay = "";
    request.planned = is_planned(t);
    return event_record_write(&request_record, &request);
}

/* With the research that was done, whoever chose it: its agents count as agents of the root. */
static json_t *plan_json(const struct tree *t)
{
    struct plan plan = *t->plan;

    plan.research = t->request.plan->research;
    plan.research_count = t->request.plan->research_count;
    plan.research_given = true;
    return plan_to_json(&plan);
}

static int add_manifest(struct collecting *c, struct fault *f)
{
    const struct tree *t = c->what->tree;
    AUTO_FREE char *tree = NULL;
    char id[EXEC_ID_TEXT_MAX];

    int r = collect_result_tree(t, c->what->root, &tree, f);
    if (r < 0)
        return r;
    exec_id_format(t->orchs.at[0].id, id);
    json_auto_t *manifest =
        json_pack("{s:i, s:s, s:s, s:s, s:b, s:o, s:o}", "version", MANIFEST_VERSION, "kelp",
                  KELP_VERSION, "run", id, "base", t->base, "ended", t->phase == RUN_ENDED,
                  "request", request_json(t), "outline", outline_of(c->what->report, tree));
    r = add_json(c, RECORDING_MANIFEST, manifest, f);
    json_auto_t *plan = plan_json(t);
    return r < 0 ? r : add_json(c, RECORDING_PLAN, plan, f);
}

static int add_agents(struct collecting *c, struct fault *f)
{
    const struct tree *t = c->what->tree;
    int r = 0;

    for (size_t i = 0; r == 0 && i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        for (size_t k = 0; r == 0 && o->work && k < o->work->agents.count; k++)
            r = add_agent(c, o, &o->work->agents.at[k], f);
    }
    return r;
}

/* The backup made a ref for it (git/backup.h). Compressed objects are not looked into. */
static int add_base(struct collecting *c, struct fault *f)
{
    AUTO_FREE char *path = os_path(c->what->run_dir, "base-to-record");
    const struct git user = {.cwd = c->what->root};
    AUTO_TEXT bytes = {0};
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(c->what->tree->orchs.at[0].id, id);
    AUTO_FREE char *ref = text_format("refs/kelp/base/%s", id);
    int r = git_run(&user, GIT_ARGS("bundle", "create", "-q", path, ref), NULL, f);
    if (r == 0)
        r = os_read_file(path, CONTAINER_BYTES_MAX, &bytes, f);
    if (r == 0)
        r = container_add(c->out, RECORDING_BASE, text_get(&bytes), bytes.length, f);
    AUTO_FAULT ignored = {0};
    (void)!os_remove_tree(path, &ignored); /* it is in a folder of the run's own */
    return r;
}

static int add_all(struct collecting *c, struct fault *f)
{
    int r = add_manifest(c, f);

    if (r == 0)
        r = add_planner(c, f);
    if (r == 0)
        r = add_agents(c, f);
    if (r == 0 && c->what->with_base)
        r = add_base(c, f);
    return r < 0 ? r : container_end(c->out, f);
}

static int check_run(const struct tree *t, struct fault *f)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(t->orchs.at[0].id, id);
    if (!t->plan || !t->plan->subtask_count)
        return fault_set(f, FAULT_REFUSED, "'%s' came to no plan: there is nothing to replay", id);
    if (!t->base[0])
        return fault_set(f, FAULT_REFUSED, "'%s' did not begin from a commit of a repository", id);
    return 0;
}

int collect_run(const struct collect *what, const char *path, struct collected *ret,
                struct fault *f)
{
    struct collecting c = {.what = what, .sums = ret};
    int r = check_run(what->tree, f);

    *ret = (struct collected){0};
    if (r == 0)
        r = container_begin(path, &c.out, f);
    if (r == 0)
        r = add_all(&c, f);
    container_free(c.out);
    change_store_close(c.changes);
    return r;
}

int collect_result_tree(const struct tree *t, const char *root, char **ret, struct fault *f)
{
    const struct git user = {.cwd = root};

    if (t->commit[0])
        return git_tree_of(&user, t->commit, ret, f);
    *ret = mem_string("");
    return 0;
}
