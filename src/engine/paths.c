/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine_priv.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static void orch_id(const struct engine *e, uint32_t orch, char out[EXEC_ID_TEXT_MAX])
{
    exec_id_format(e->tree->orchs.at[orch].id, out);
}

/* "w1.I2.a1" for an attempt, "copy" for other work. */
static char *job_label(const struct engine *e, const struct job *j)
{
    char name[16];

    if (j->agent == AGENT_NONE)
        return mem_string(job_kind_name(j->kind));
    const struct agent *a = &e->tree->orchs.at[j->orch].work->agents.at[j->agent];
    tree_agent_name(a, name);
    if (j->kind == JOB_AGENT)
        return text_format("w%u.%s.a%u", a->wave, name, j->attempt);
    return text_format("w%u.%s.%s", a->wave, name, job_kind_name(j->kind));
}

char *job_name(const struct engine *e, uint32_t job)
{
    const struct job *j = &e->tree->jobs.at[job];
    AUTO_FREE char *label = job_label(e, j);
    char id[EXEC_ID_TEXT_MAX];

    orch_id(e, j->orch, id);
    return text_format("%s/%s.j%u", id, label, job);
}

char *job_identity(const struct engine *e, uint32_t job)
{
    uint32_t again = job < e->tries.count ? e->tries.at[job].count : 0;
    char *name = job_name(e, job);

    if (!again)
        return name;
    char *id = text_format("again%u/%s", again, name);
    free(name);
    return id;
}

uint32_t job_of_identity(const char *id)
{
    const char *at = strrchr(id, '.');
    int64_t job;

    if (!at || at[1] != 'j' || !text_to_int64(at + 2, 0, UINT32_MAX - 1, &job))
        return JOB_NONE;
    return (uint32_t)job;
}

char *path_in_run(const struct engine *e, const char *name)
{
    return text_format("%s/%s", e->options.run_dir, name);
}

char *path_attempt(const struct engine *e, uint32_t job)
{
    AUTO_FREE char *name = job_name(e, job);

    return text_format("%s/attempts/%s", e->options.run_dir, name);
}

static char *clone_name(const struct engine *e, uint32_t orch, const char *more)
{
    const struct orch *o = &e->tree->orchs.at[orch];
    char id[EXEC_ID_TEXT_MAX], again[16] = "";

    orch_id(e, orch, id);
    if (o->generation)
        (void)snprintf(again, sizeof again, ".g%u", o->generation);
    return text_format("%s/clones/%s%s%s", e->options.run_dir, id, again, more);
}

char *path_clone(const struct engine *e, uint32_t orch)
{
    return clone_name(e, tree_clone_owner(e->tree, orch), "");
}

char *path_agent_copy(const struct engine *e, uint32_t orch, uint32_t agent)
{
    AUTO_FREE char *more = text_format("-agent%u", agent + 1);

    return clone_name(e, orch, more);
}

char *path_home(const struct engine *e, const struct job *j)
{
    const struct orch *o = &e->tree->orchs.at[j->orch];
    char id[EXEC_ID_TEXT_MAX], name[16] = "planner", again[16] = "";

    orch_id(e, j->orch, id);
    if (o->generation)
        (void)snprintf(again, sizeof again, ".g%u", o->generation);
    if (j->agent != AGENT_NONE)
        tree_agent_name(&o->work->agents.at[j->agent], name);
    return text_format("%s/homes/%s%s-%s", e->options.run_dir, id, again, name);
}

char *path_verify(const struct engine *e, uint32_t orch)
{
    AUTO_FREE char *more = text_format("-verify%u", e->tree->merge->round);

    return clone_name(e, orch, more);
}

char *path_snapshot(const struct engine *e)
{
    return path_in_run(e, "clones/research");
}

char *branch_name(const struct engine *e, uint32_t orch)
{
    char id[EXEC_ID_TEXT_MAX];
    const struct orch *o = &e->tree->orchs.at[orch];

    /* The root's cleanup works on the branch of the run. */
    orch_id(e, o->kind == ORCH_CLEANUP ? 0 : orch, id);
    return text_format("kelp/%s", id);
}

static char *path_of_agent(const struct engine *e, const struct job *j)
{
    const struct agent *a = &e->tree->orchs.at[j->orch].work->agents.at[j->agent];

    switch ((enum agent_place)a->place) {
    case PLACE_SNAPSHOT:
        return path_snapshot(e);
    case PLACE_REPO:
        return mem_string(e->options.repo);
    case PLACE_SHARED:
    case PLACE_CLONE:
        return path_clone(e, j->orch);
    case PLACE_OWN:
        break;
    }
    return path_agent_copy(e, j->orch, j->agent);
}

/* A fan-out of subtasks is counted where the research ran, else in place. */
static char *path_of_expansion(const struct engine *e, const struct job *j)
{
    const struct tree *t = e->tree;

    if (t->phase == RUN_EXPAND)
        return t->snapshot_ready ? path_snapshot(e) : mem_string(e->options.repo);
    if (t->orchs.at[j->orch].work->nodes.at[j->index].place == PLACE_REPO)
        return mem_string(e->options.repo);
    return path_clone(e, j->orch);
}

char *path_work(const struct engine *e, const struct job *j)
{
    const struct orch *o = &e->tree->orchs.at[tree_clone_owner(e->tree, j->orch)];

    if (j->agent != AGENT_NONE)
        return path_of_agent(e, j);
    if (j->kind == JOB_PLANNER)
        return e->tree->snapshot_ready ? path_snapshot(e) : mem_string(e->options.repo);
    if (j->kind == JOB_EXPAND)
        return path_of_expansion(e, j);
    if (j->kind == JOB_FINAL_CHECK || j->kind == JOB_VERIFY_SETUP)
        return path_verify(e, j->orch);
    return o->copy_wanted ? path_clone(e, j->orch) : mem_string(e->options.repo);
}
