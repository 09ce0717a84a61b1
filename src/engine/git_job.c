/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of the git worker: one row a kind, which says the operation and what it is told. */
#include "engine/replay.h"

#include "base/os.h"
#include "git/large.h"

#include <string.h>

typedef json_t *spec_fn(struct engine *e, const struct job *j);

static json_t *text(const char *s)
{
    return s && *s ? json_text_or_null(s) : json_null();
}

/* Takes the string over. */
static json_t *taken(char *s)
{
    json_t *value = json_text_or_null(s);

    free(s);
    return value;
}

static void put(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *run_id(const struct engine *e)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(e->tree->orchs.at[0].id, id);
    return json_string(id);
}

static json_t *orch_id(const struct engine *e, uint32_t orch)
{
    char id[EXEC_ID_TEXT_MAX];

    exec_id_format(e->tree->orchs.at[orch].id, id);
    return json_string(id);
}

static json_t *of_repo(const struct engine *e)
{
    json_t *spec = json_object();

    put(spec, "repo", json_text_or_null(e->options.repo));
    put(spec, "run", run_id(e));
    return spec;
}

static json_t *spec_snapshot(struct engine *e, const struct job *j)
{
    json_t *spec = of_repo(e);

    (void)j;
    put(spec, "path", taken(path_snapshot(e)));
    return spec;
}

/* Research of a replay looks at what the recorded run began from, whatever is checked out now. */
static json_t *spec_snapshot_of_base(struct engine *e)
{
    json_t *spec = of_repo(e);

    put(spec, "commit", taken(replay_base(e)));
    put(spec, "path", taken(path_snapshot(e)));
    return spec;
}

static json_t *spec_backup(struct engine *e, const struct job *j)
{
    json_t *spec = of_repo(e);

    (void)j;
    put(spec, "max_file_bytes", json_integer(LARGE_FILE_BYTES));
    put(spec, "include_large", json_boolean(!e->tree->request.leave_large));
    put(spec, "base", json_string(e->tree->request.base_worktree ? "worktree" : "head"));
    if (replay_is_on(e))
        put(spec, "base_commit", taken(replay_base(e)));
    return spec;
}

static json_t *spec_copy(struct engine *e, const struct job *j)
{
    const struct tree *t = e->tree;
    const struct orch *o = &t->orchs.at[j->orch];
    json_t *spec = of_repo(e);

    put(spec, "include_from", json_text_or_null(e->options.repo));
    if (j->agent != AGENT_NONE) {
        put(spec, "source", taken(path_clone(e, j->orch)));
        put(spec, "commit", text(o->work->agents.at[j->agent].start_commit));
        put(spec, "path", taken(path_agent_copy(e, j->orch, j->agent)));
    } else {
        put(spec, "commit", text(o->kind == ORCH_CLEANUP ? t->commit : t->base));
        put(spec, "path", taken(path_clone(e, j->orch)));
    }
    put(spec, "branch", taken(branch_name(e, j->orch)));
    return spec;
}

static json_t *spec_verify_copy(struct engine *e, const struct job *j)
{
    json_t *spec = of_repo(e);

    put(spec, "include_from", json_text_or_null(e->options.repo));
    put(spec, "commit", text(e->tree->merge->commit));
    put(spec, "path", taken(path_verify(e, j->orch)));
    return spec;
}

static json_t *spec_reset(struct engine *e, const struct job *j)
{
    const struct agent *a = &e->tree->orchs.at[j->orch].work->agents.at[j->agent];
    json_t *spec = json_object();

    put(spec, "path", taken(path_work(e, j)));
    put(spec, "commit", text(a->start_commit));
    return spec;
}

static json_t *list_json(const struct strings *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_text_or_null(list->at[i]));
    return array;
}

static char *agent_label(const struct engine *e, const struct job *j)
{
    const struct agent *a = &e->tree->orchs.at[j->orch].work->agents.at[j->agent];
    char id[EXEC_ID_TEXT_MAX], name[16];

    exec_id_format(e->tree->orchs.at[j->orch].id, id);
    tree_agent_name(a, name);
    return text_format("%s-w%u-%s-%u", id, a->wave, name, j->agent + 1);
}

/* "Fix the parser: Fixer (wave 2, I1)". */
static char *commit_message(const struct engine *e, const struct job *j)
{
    const struct tree *t = e->tree;
    const struct orch *o = &t->orchs.at[j->orch];
    const struct agent *a = &o->work->agents.at[j->agent];
    uint32_t unit = o->work->nodes.at[a->node].unit;
    const char *role = tree_agent_step(t, o, a)->role;
    char name[16];

    tree_agent_name(a, name);
    return text_format("%s: %s (wave %u, %s)",
                       unit == UNIT_NONE ? "Research" : t->units.at[unit].title, role, a->wave,
                       name);
}

static json_t *settle_agent(struct engine *e, const struct job *j)
{
    const struct orch *o = &e->tree->orchs.at[j->orch];
    const struct agent *a = &o->work->agents.at[j->agent];
    const struct plan_step *step = tree_agent_step(e->tree, o, a);
    json_t *spec = json_object();

    put(spec, "path", taken(path_work(e, j)));
    put(spec, "message", taken(commit_message(e, j)));
    put(spec, "exec_id", orch_id(e, j->orch));
    put(spec, "agent_label", taken(agent_label(e, j)));
    put(spec, "base", text(a->start_commit));
    put(spec, "writes", step->writes_given ? list_json(&step->writes) : json_null());
    return spec;
}

static json_t *spec_settle(struct engine *e, const struct job *j)
{
    if (j->agent != AGENT_NONE)
        return settle_agent(e, j);
    const struct orch *owner = &e->tree->orchs.at[tree_clone_owner(e->tree, j->orch)];
    json_t *spec = json_object();
    put(spec, "path", taken(path_clone(e, j->orch)));
    put(spec, "message", json_string("Cleanup"));
    put(spec, "exec_id", orch_id(e, j->orch));
    put(spec, "base", text(owner->commit));
    return spec;
}

static json_t *spec_join(struct engine *e, const struct job *j)
{
    json_t *spec = settle_agent(e, j), *into = json_object();

    put(into, "path", taken(path_clone(e, j->orch)));
    put(into, "branch", taken(branch_name(e, j->orch)));
    put(spec, "into", into);
    return spec;
}

static json_t *spec_measure(struct engine *e, const struct job *j)
{
    json_t *spec = json_object();

    put(spec, "path", taken(path_clone(e, j->orch)));
    return spec;
}

static json_t *spec_fetch(struct engine *e, const struct job *j)
{
    json_t *spec = of_repo(e);
    AUTO_FREE char *branch = branch_name(e, j->orch);

    put(spec, "path", taken(path_clone(e, j->orch)));
    put(spec, "commit", text(e->tree->orchs.at[j->orch].commit));
    put(spec, "ref", taken(text_format("refs/heads/%s", branch)));
    return spec;
}

static json_t *branches_json(const struct engine *e, bool chosen)
{
    const struct tree *t = e->tree;
    json_t *list = json_array();

    for (size_t i = 0; i < t->merge->branches.count; i++) {
        const struct orch *o = &t->orchs.at[t->merge->branches.at[i]];
        if (chosen && !t->merge->in.at[i])
            continue;
        json_t *branch = json_object();
        put(branch, "id", orch_id(e, t->merge->branches.at[i]));
        put(branch, "title", text(t->units.at[o->unit_first].title));
        put(branch, "commit", text(o->commit));
        json_array_append_new(list, branch);
    }
    return list;
}

static json_t *spec_consolidate(struct engine *e, const struct job *j)
{
    json_t *spec = of_repo(e);

    (void)j;
    put(spec, "base", text(e->tree->base));
    put(spec, "branches", branches_json(e, false));
    return spec;
}

static json_t *spec_merge(struct engine *e, const struct job *j)
{
    json_t *spec = of_repo(e);
    AUTO_FREE char *identity = job_name(e, (uint32_t)(j - e->tree->jobs.at));

    put(spec, "base", text(e->tree->base));
    put(spec, "onto", text(e->tree->merge->onto));
    put(spec, "branch", taken(branch_name(e, 0)));
    put(spec, "branches", branches_json(e, true));
    put(spec, "identity_key", json_text_or_null(identity));
    return spec;
}

static json_t *spec_land(struct engine *e, const struct job *j)
{
    static const char *const modes[] = {
        [LAND_MERGE] = "merge", [LAND_BRANCH] = "branch", [LAND_NONE] = "none"};
    const struct tree *t = e->tree;
    json_t *spec = of_repo(e);
    enum plan_land mode = t->request.base_worktree ? LAND_BRANCH : t->plan->land;

    (void)j;
    if (t->land_asked && mode == LAND_NONE)
        mode = LAND_MERGE;
    put(spec, "mode", json_string(modes[mode]));
    put(spec, "branch", text(t->request.branch));
    put(spec, "start_head", text(t->landed_head[0] ? t->landed_head : t->request.head));
    put(spec, "commit", text(t->commit));
    return spec;
}

static json_t *spec_push(struct engine *e, const struct job *j)
{
    static const char *const modes[] = {
        [PUSH_AUTO] = "auto", [PUSH_ALWAYS] = "always", [PUSH_NEVER] = "never"};
    const struct tree *t = e->tree;
    json_t *spec = of_repo(e);

    (void)j;
    put(spec, "mode", json_string(modes[t->plan->push]));
    put(spec, "remote", text(t->request.remote));
    put(spec, "upstream", text(t->request.upstream));
    put(spec, "start_ahead", json_integer(t->request.ahead));
    put(spec, "branch", text(t->landed_on));
    put(spec, "commit", text(t->landed_head));
    return spec;
}

/* Clones of children that are done, and copies that only served the run. */
static json_t *spec_discard(struct engine *e, const struct job *j)
{
    const struct tree *t = e->tree;
    json_t *spec = of_repo(e), *keep = json_array();

    (void)j;
    for (uint32_t i = 0; i < t->orchs.count; i++)
        if (tree_keeps_clone(t, i))
            json_array_append_new(keep, taken(path_clone(e, i)));
    put(spec, "folder", taken(path_in_run(e, "clones")));
    put(spec, "keep", keep);
    put(spec, "bundle_dir", json_text_or_null(e->options.run_dir));
    return spec;
}

static const struct {
    const char *op;
    spec_fn *spec;
} rows[JOB_KIND_COUNT] = {
    [JOB_SNAPSHOT] = {"snapshot", spec_snapshot},
    [JOB_BACKUP] = {"backup", spec_backup},
    [JOB_COPY] = {"copy", spec_copy},
    [JOB_RESET] = {"reset", spec_reset},
    [JOB_SETTLE] = {"settle", spec_settle},
    [JOB_JOIN] = {"settle", spec_join},
    [JOB_MEASURE] = {"measure", spec_measure},
    [JOB_FETCH] = {"fetch", spec_fetch},
    [JOB_CONSOLIDATE] = {"consolidate", spec_consolidate},
    [JOB_MERGE] = {"merge", spec_merge},
    [JOB_VERIFY_COPY] = {"copy", spec_verify_copy},
    [JOB_LAND] = {"land", spec_land},
    [JOB_PUSH] = {"push", spec_push},
    [JOB_DISCARD] = {"discard_all", spec_discard},
};

int git_job_spec(struct engine *e, uint32_t job, struct arena *a, struct keeper_spec *spec,
                 struct fault *f)
{
    const struct job *j = &e->tree->jobs.at[job];
    AUTO_FREE char *dir = path_attempt(e, job);
    AUTO_FREE char *id = job_identity(e, job);
    AUTO_FREE char *spec_path = os_path(dir, "spec.json");
    const char **argv = arena_array(a, 5, sizeof *argv);

    if (!rows[j->kind].spec)
        bug("job '%s' is not for the worker", job_kind_name(j->kind));
    bool of_base = j->kind == JOB_SNAPSHOT && replay_is_on(e);
    json_auto_t *in = of_base ? spec_snapshot_of_base(e) : rows[j->kind].spec(e, j);
    AUTO_FREE char *line = json_text(in, 2);
    int r = os_make_dirs(dir, 0700, f);
    if (r == 0)
        r = os_write_file(spec_path, line, strlen(line), 0600, f);
    if (r < 0)
        return r;
    argv[0] = e->options.worker;
    argv[1] = of_base ? "copy" : rows[j->kind].op;
    argv[2] = arena_string(a, spec_path);
    argv[3] = arena_format(a, "%s/result.json", dir);
    *spec = (struct keeper_spec){.id = arena_string(a, id),
                                 .argv = argv,
                                 .envp = e->options.environ,
                                 .cwd = e->options.repo,
                                 .stdout_path = arena_format(a, "%s/stdout", dir),
                                 .stderr_path = arena_format(a, "%s/stderr", dir),
                                 .output_max_bytes = e->options.output_max_bytes};
    return 0;
}
