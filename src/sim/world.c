/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world.h"

#include "sim/dice.h"

#include <string.h>

enum happening { STARTS, ENDS, STALLS, OVERDRAWS };

enum { STOP_GRACE_MS = 5000 };

void world_init(struct world *w, const struct shape *shape, const struct fate_source *fates,
                const struct plan *whole)
{
    *w = (struct world){.shape = *shape, .fates = fates, .whole = whole};
    w->repo.arena = &w->arena;
    w->breaches = (struct world_breaches){.changed = JOB_NONE,
                                          .twice = JOB_NONE,
                                          .together = JOB_NONE,
                                          .again = JOB_NONE,
                                          .unclean = JOB_NONE,
                                          .homeless = JOB_NONE,
                                          .crowded = JOB_NONE,
                                          .forgetful = JOB_NONE,
                                          .shared = JOB_NONE,
                                          .unfetched = JOB_NONE,
                                          .unknown = JOB_NONE};
}

void world_attach(struct world *w, struct agenda *inbox)
{
    w->inbox = inbox;
    w->life++;
}

static struct world_job *job_at(struct world *w, uint32_t job)
{
    while (w->jobs.count <= job)
        vector_push(&w->jobs, (struct world_job){0});
    return &w->jobs.at[job];
}

const struct world_job *world_job(const struct world *w, uint32_t job)
{
    return job < w->jobs.count ? &w->jobs.at[job] : NULL;
}

static bool way_is(const struct world_job *j, enum job_way way)
{
    return job_kind_way(j->errand.job.kind) == way;
}

static bool is_agent(const struct world_job *j)
{
    return j->errand.job.kind == JOB_AGENT;
}

static void report(struct world *w, uint32_t job, enum report_kind kind)
{
    const struct world_job *j = &w->jobs.at[job];

    if (w->inbox && j->asked_in == w->life)
        agenda_add(w->inbox, (struct agenda_entry){.at_ms = w->now_ms, .what = kind, .which = job});
}

static void breach(uint32_t *which, uint32_t job)
{
    if (*which == JOB_NONE)
        *which = job;
}

static struct agent_trace *trace_of(struct world *w, const struct errand *e)
{
    while (w->agents.count <= e->job.orch)
        vector_push(&w->agents, (struct agent_traces){0});
    struct agent_traces *of = &w->agents.at[e->job.orch];
    while (of->by_agent.count <= e->job.agent)
        vector_push(&of->by_agent, (struct agent_trace){.last = JOB_NONE});
    return &of->by_agent.at[e->job.agent];
}

static void draw_fate(struct world *w, struct world_job *j)
{
    uint32_t nth = is_agent(j) ? trace_of(w, &j->errand)->starts : j->starts;

    w->fates->draw(w->fates, &j->errand, nth, &w->arena, &j->fate);
}

static void accept(struct world *w, uint32_t job)
{
    struct world_job *j = &w->jobs.at[job];

    j->errand.asked_ms = w->now_ms;
    draw_fate(w, j);
    j->phase = WORLD_PENDING;
    agenda_add(
        &w->agenda,
        (struct agenda_entry){.at_ms = w->now_ms + j->fate.delay_ms, .what = STARTS, .which = job});
}

static bool overdraws(const struct world_job *j)
{
    return is_agent(j) && j->errand.allowed && j->fate.outcome.tokens > j->errand.allowed;
}

/* Whoever watches a job that hangs will see that it is silent, and what it uses. */
static void watch(struct world *w, uint32_t job)
{
    const struct world_job *j = &w->jobs.at[job];
    int64_t half_ms = w->now_ms + (j->ends_ms - w->now_ms) / 2;

    if (j->phase == WORLD_RUNNING && j->ends_ms != AGENDA_NEVER && overdraws(j))
        agenda_add(&w->agenda,
                   (struct agenda_entry){.at_ms = half_ms, .what = OVERDRAWS, .which = job});

    if (j->phase == WORLD_RUNNING && j->ends_ms == AGENDA_NEVER && j->errand.stall_ms)
        agenda_add(&w->agenda, (struct agenda_entry){.at_ms = w->now_ms + j->errand.stall_ms,
                                                     .what = STALLS,
                                                     .which = job});
}

void world_start(struct world *w, const struct tree *t, uint32_t job)
{
    struct world_job *j = job_at(w, job);
    struct errand errand;

    errand_write(t, job, &w->arena, &errand);
    if (j->asked_in && !errand_same(&j->errand, &errand))
        breach(&w->breaches.changed, job);
    if (j->asked_in == w->life)
        breach(&w->breaches.twice, job);
    if (j->phase == WORLD_UNSEEN)
        j->errand = errand;
    j->asked_in = w->life;
    if (j->phase == WORLD_UNSEEN) {
        accept(w, job);
        return;
    }
    w->counts.adopted++;
    if (j->phase != WORLD_PENDING && j->starts)
        report(w, job, REPORT_STARTED);
    if (j->phase == WORLD_OVER)
        report(w, job, REPORT_ENDED);
    watch(w, job);
}

/* What an attempt before it left is gone, unless it goes on where that one stopped. */
static void look_at_leavings(struct world *w, uint32_t job, bool found)
{
    const struct world_job *j = &w->jobs.at[job];

    if (found && !j->errand.continues)
        breach(&w->breaches.unclean, job);
    if (!found && j->errand.continues && j->errand.writes)
        breach(&w->breaches.forgetful, job);
}

static bool is_of_session(const struct world_job *j, const char *session)
{
    if (!is_agent(j) || !j->asked_in)
        return false;
    return strcmp(j->errand.session, session) == 0 ||
           (j->phase == WORLD_OVER && j->outcome->session &&
            strcmp(j->outcome->session, session) == 0);
}

/* Whose session it resumes. */
static void look_at_session(struct world *w, uint32_t job)
{
    const struct errand *e = &w->jobs.at[job].errand;

    for (uint32_t i = 0; e->session[0] && i < w->jobs.count; i++) {
        const struct world_job *other = &w->jobs.at[i];
        if (i == job || !is_of_session(other, e->session))
            continue;
        if (other->phase == WORLD_RUNNING || strcmp(other->errand.role, e->role) != 0 ||
            strcmp(other->errand.agent, e->agent) != 0)
            breach(&w->breaches.shared, job);
    }
}

/* What an attempt finds where it starts. */
static void look_around(struct world *w, uint32_t job)
{
    struct world_job *j = &w->jobs.at[job];
    const struct agent_trace *trace = trace_of(w, &j->errand);
    const struct world_job *before = world_job(w, trace->last);
    bool private = j->errand.copy.orch != ORCH_NONE;
    const struct repo_copy *copy = private ? repo_find(&w->repo, j->errand.copy) : NULL;

    if (before && before->errand.generation == j->errand.generation) {
        if (before->phase != WORLD_OVER)
            breach(&w->breaches.together, job);
        else if (before->outcome->error == ERROR_NONE)
            breach(&w->breaches.again, job);
    }
    if (private && !copy)
        breach(&w->breaches.homeless, job);
    if (copy && before)
        look_at_leavings(w, job, content_has(&copy->loose, trace->last));
    if (copy && (copy->writers || (copy->inside && j->errand.writes)))
        breach(&w->breaches.crowded, job);
}

static void enter(struct world *w, const struct world_job *j, bool in)
{
    struct repo_copy *copy =
        j->errand.copy.orch != ORCH_NONE ? repo_find(&w->repo, j->errand.copy) : NULL;

    w->running += in ? 1u : -1u;
    if (w->running > w->most_running)
        w->most_running = w->running;
    if (!copy)
        return;
    copy->inside += in ? 1u : -1u;
    copy->writers += !j->errand.writes ? 0 : in ? 1u : -1u;
}

static void begin(struct world *w, uint32_t job)
{
    struct world_job *j = &w->jobs.at[job];

    j->phase = WORLD_RUNNING;
    j->started_ms = w->now_ms;
    j->started_in = w->inbox ? w->life : 0;
    j->starts++;
    j->ends_ms = j->fate.runs_ms == FATE_NEVER ? AGENDA_NEVER : w->now_ms + j->fate.runs_ms;
    if (j->ends_ms != AGENDA_NEVER)
        agenda_add(&w->agenda,
                   (struct agenda_entry){.at_ms = j->ends_ms, .what = ENDS, .which = job});
    watch(w, job);
    if (is_agent(j)) {
        look_around(w, job);
        look_at_session(w, job);
        *trace_of(w, &j->errand) =
            (struct agent_trace){.last = job, .starts = trace_of(w, &j->errand)->starts + 1};
        enter(w, j, true);
    }
    report(w, job, REPORT_STARTED);
}

/* The end of a job is on file from here on, whoever lives to hear of it. */
static void finish(struct world *w, uint32_t job, struct outcome *o)
{
    struct world_job *j = &w->jobs.at[job];

    if (is_agent(j) && j->phase == WORLD_RUNNING)
        enter(w, j, false);
    j->phase = WORLD_OVER;
    j->outcome = o;
    report(w, job, REPORT_ENDED);
}

static struct outcome *stopped_outcome(struct world *w)
{
    struct outcome *o = ARENA_NEW(&w->arena, struct outcome);

    *o = (struct outcome){
        .error = ERROR_CANCELLED, .exit_code = -1, .signal = 15, .message = "stopped"};
    return o;
}

static struct outcome *crash_outcome(struct world *w)
{
    struct outcome *o = stopped_outcome(w);

    o->error = ERROR_CRASH;
    o->signal = 0;
    o->message = "its end is not on file";
    return o;
}

/* Its work is done, and nobody will say so. */
static void do_untold(struct world *w, uint32_t job)
{
    struct outcome unheard = w->jobs.at[job].fate.outcome;

    w->counts.untold++;
    if (!w->jobs.at[job].done)
        world_effect(w, job, &unheard);
}

static void end(struct world *w, uint32_t job)
{
    struct world_job *j = &w->jobs.at[job];
    bool by_itself = j->fate.runs_ms != FATE_NEVER && j->ends_ms >= j->started_ms + j->fate.runs_ms;
    struct outcome *o = stopped_outcome(w);

    /* Done before the machine went down, and found done when it was asked for again. */
    if (j->done) {
        finish(w, job, j->outcome);
        return;
    }
    if (by_itself && j->fate.untold) {
        do_untold(w, job);
        finish(w, job, crash_outcome(w));
        return;
    }
    if (by_itself)
        *o = j->fate.outcome;
    else if (overdraws(j))
        o->tokens = j->fate.outcome.tokens;
    world_effect(w, job, o);
    finish(w, job, o);
}

static void happen(struct world *w, const struct agenda_entry *entry)
{
    struct world_job *j = &w->jobs.at[entry->which];

    switch ((enum happening)entry->what) {
    case STARTS:
        if (j->phase == WORLD_PENDING)
            begin(w, entry->which);
        break;
    case ENDS:
        /* A stop, or a death of the machine, may have made this entry out of date. */
        if (j->phase == WORLD_RUNNING && j->ends_ms == entry->at_ms)
            end(w, entry->which);
        break;
    case STALLS:
        if (j->phase == WORLD_RUNNING)
            report(w, entry->which, REPORT_STALLED);
        break;
    case OVERDRAWS:
        if (j->phase == WORLD_RUNNING)
            report(w, entry->which, REPORT_OVERDRAWN);
        break;
    }
}

void world_advance(struct world *w, int64_t now_ms)
{
    struct agenda_entry entry;

    while (agenda_take(&w->agenda, now_ms, &entry)) {
        w->now_ms = entry.at_ms;
        happen(w, &entry);
    }
    w->now_ms = now_ms;
}

void world_stop(struct world *w, uint32_t job)
{
    struct world_job *j = job_at(w, job);

    if (j->phase == WORLD_PENDING) {
        finish(w, job, stopped_outcome(w));
        return;
    }
    if (j->phase != WORLD_RUNNING || j->stopped)
        return;
    j->stopped = true;
    int64_t ends = w->now_ms + (int64_t)(dice_mix(w->shape.seed, job) % STOP_GRACE_MS);
    if (ends >= j->ends_ms)
        return;
    j->ends_ms = ends;
    agenda_add(&w->agenda, (struct agenda_entry){.at_ms = ends, .what = ENDS, .which = job});
}

void world_detach(struct world *w)
{
    w->inbox = NULL;
    for (uint32_t i = 0; i < w->jobs.count; i++) {
        struct world_job *j = &w->jobs.at[i];
        /* What the engine did inside itself is gone; done twice it must do no harm. */
        if (j->asked_in && way_is(j, JOB_WAY_INTERNAL))
            j->phase = WORLD_UNSEEN;
    }
}

/* Half of what git was doing was done, and nobody wrote down that it was. */
static void worker_dies(struct world *w, uint32_t job, bool was_done)
{
    struct world_job *j = &w->jobs.at[job];

    j->phase = WORLD_UNSEEN;
    w->counts.undone += !was_done;
    if (!was_done || j->fate.outcome.error != ERROR_NONE || j->done)
        return;
    w->counts.untold++;
    j->outcome = arena_copy(&w->arena, &j->fate.outcome, sizeof *j->outcome);
    world_effect(w, job, j->outcome);
    j->done = true;
}

static void attempt_dies(struct world *w, uint32_t job)
{
    struct outcome *o = crash_outcome(w);

    if (w->jobs.at[job].phase == WORLD_RUNNING)
        world_effect(w, job, o);
    finish(w, job, o);
}

void world_reboot(struct world *w, world_was_done *was_done, void *context)
{
    for (uint32_t i = 0; i < w->jobs.count; i++) {
        bool running = w->jobs.at[i].phase == WORLD_RUNNING;
        if (running && way_is(&w->jobs.at[i], JOB_WAY_WORKER))
            worker_dies(w, i, was_done(context, i));
        else if (running)
            attempt_dies(w, i);
        else if (w->jobs.at[i].phase == WORLD_PENDING)
            w->jobs.at[i].phase = WORLD_UNSEEN;
    }
}

void world_keeper_dies(struct world *w, world_was_done *was_done, void *context)
{
    for (uint32_t i = 0; i < w->jobs.count; i++) {
        struct world_job *j = &w->jobs.at[i];
        bool alive = j->phase == WORLD_RUNNING || j->phase == WORLD_PENDING;
        if (!alive || way_is(j, JOB_WAY_INTERNAL))
            continue;
        if (way_is(j, JOB_WAY_WORKER) && j->phase == WORLD_RUNNING && was_done(context, i))
            do_untold(w, i);
        attempt_dies(w, i);
    }
}

void world_free(struct world *w)
{
    for (size_t i = 0; i < w->agents.count; i++)
        vector_free(&w->agents.at[i].by_agent);
    vector_free(&w->agents);
    vector_free(&w->jobs);
    agenda_free(&w->agenda);
    repo_free(&w->repo);
    arena_free(&w->arena);
}
