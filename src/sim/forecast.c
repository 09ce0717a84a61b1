/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/forecast.h"

#include "core/estimate.h"
#include "sim/dice.h"
#include "sim/play.h"

#include <string.h>

enum { TRIALS = 400, TRIALS_MIN = 20, AGENTS_EASY = 1000, GIT_MS = 50 };

/* The fates of one trial. */
struct forecast_fates {
    struct fate_source source;
    const struct forecast_options *options;
    struct step_estimate **steps; /* [subtask][step] */
    uint64_t seed;
};

/* What the trials gave, one row for each trial. */
struct samples {
    double *makespan, *attempts, *failures, *slots;
    double *ended;         /* [part * trials + trial] minutes */
    uint32_t *last, *done; /* [part] trials */
    uint32_t all_done;
    uint32_t trial, trials;
    size_t parts; /* 0 until the first trial has ended */
    struct arena *arena;
    struct forecast *ret;
};

static double spread_of(const struct forecast_options *o)
{
    return o->spread > 0 ? o->spread : 0.5;
}

static double median_minutes(const struct forecast_fates *f, const struct errand *e)
{
    double minutes = ESTIMATE_COMMAND_MINUTES;

    if (e->subtask != UNIT_NONE)
        return f->steps[e->subtask][e->step].minutes;
    const struct plan_step *step = &f->options->request->plan->research[e->step];
    if (step->minutes > 0)
        return step->minutes;
    (void)history_minutes(f->options->request->history, step->role,
                          e->model ? WORK_MODEL : WORK_COMMAND, &minutes);
    return minutes;
}

static double median_ms(const struct forecast_fates *f, const struct errand *e)
{
    double command = f->options->command_seconds > 0 ? f->options->command_seconds : 10;

    switch (job_kind_way((enum job_kind)e->job.kind)) {
    case JOB_WAY_AGENT:
        return median_minutes(f, e) * 60000;
    case JOB_WAY_COMMAND:
        return command * 1000;
    case JOB_WAY_WORKER:
        return GIT_MS;
    case JOB_WAY_INTERNAL:
        break;
    }
    return 0;
}

static void draw_attempt(const struct forecast_fates *f, struct dice *d, struct outcome *o)
{
    double roll = dice_unit(d);

    o->worked = true;
    o->claim = CLAIM_OK;
    if (roll < f->options->failing) {
        o->error = ERROR_FAILED;
        o->exit_code = 1;
    } else if (roll < f->options->failing + f->options->flaky) {
        o->error = ERROR_CRASH;
        o->exit_code = -1;
    }
    if (o->error != ERROR_NONE)
        o->message = attempt_error_name(o->error);
}

static struct strings items_of(const struct forecast_fates *f, const struct errand *e,
                               struct arena *arena)
{
    static const char *const one[] = {"item"};
    const struct fan_known *known = f->options->known;
    bool subtask = e->job.orch == 0 && e->job.index < f->options->request->plan->subtask_count;

    if (subtask && known && known->subtasks && known->subtasks[e->job.index].at)
        return known->subtasks[e->job.index];
    return (struct strings){.at = arena_copy(arena, one, sizeof one), .count = 1};
}

static void draw(const struct fate_source *source, const struct errand *e, uint32_t nth,
                 struct arena *arena, struct fate *ret)
{
    const struct forecast_fates *f = (const struct forecast_fates *)source;
    uint64_t who = dice_mix((uint64_t)e->id.part[0] << 32 | e->id.part[1],
                            (uint64_t)e->job.agent << 32 | e->job.index);
    struct dice d;

    dice_seed(&d, dice_mix(f->seed, dice_mix(who, (uint64_t)e->job.kind << 32 | nth)));
    *ret = (struct fate){.outcome = {.yes = true}};
    ret->runs_ms = (int64_t)dice_lognormal(&d, median_ms(f, e), spread_of(f->options));
    if (e->job.kind == JOB_AGENT)
        draw_attempt(f, &d, &ret->outcome);
    if (e->job.kind == JOB_EXPAND)
        ret->outcome.paths = items_of(f, e, arena);
}

static void estimate_all(const struct forecast_options *o, struct arena *arena,
                         struct forecast_fates *f)
{
    const struct plan *plan = o->request->plan;
    const struct estimate_options estimate = request_estimates(o->request, o->known);

    f->steps = arena_array(arena, plan->subtask_count, sizeof(struct step_estimate *));
    for (size_t i = 0; i < plan->subtask_count; i++) {
        f->steps[i] =
            arena_array(arena, plan->subtasks[i].step_count, sizeof(struct step_estimate));
        estimate_steps(plan, i, &estimate, f->steps[i]);
    }
}

/* When the last agent of a subtask ended, or its child. */
static int64_t part_ended_ms(const struct tree *t, uint32_t unit)
{
    int64_t at_ms = t->started_ms;

    for (size_t i = 0; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        if (o->kind == ORCH_CHILD && o->unit_first == unit)
            return o->ended_ms;
        for (size_t k = 0; o->kind == ORCH_ROOT && o->work && k < o->work->agents.count; k++) {
            const struct agent *a = &o->work->agents.at[k];
            if (o->work->nodes.at[a->node].unit == unit && a->ended_ms > at_ms)
                at_ms = a->ended_ms;
        }
    }
    return at_ms;
}

static void first_trial(struct samples *s, const struct tree *t)
{
    size_t parts = t->units.count;

    s->parts = parts;
    s->ended = arena_array(s->arena, parts * s->trials + 1, sizeof *s->ended);
    s->last = arena_array(s->arena, parts + 1, sizeof *s->last);
    s->done = arena_array(s->arena, parts + 1, sizeof *s->done);
    s->ret->children = t->decision.pattern == PATTERN_META;
    s->ret->part_count = parts;
    s->ret->parts = arena_array(s->arena, parts + 1, sizeof *s->ret->parts);
    for (uint32_t i = 0; i < parts; i++)
        s->ret->parts[i] = (struct forecast_part){
            .title = arena_string(s->arena, t->units.at[i].title), .number = i + 1};
}

static uint32_t attempts_of(const struct world *w)
{
    uint32_t n = 0;

    for (size_t i = 0; i < w->jobs.count; i++)
        n += w->jobs.at[i].errand.job.kind == JOB_AGENT && w->jobs.at[i].starts;
    return n;
}

static void take_sample(void *context, const struct tree *t, const struct world *w)
{
    struct samples *s = context;
    size_t last = 0, failures = 0;
    int64_t latest_ms = -1;

    if (s->trial == 0)
        first_trial(s, t);
    for (uint32_t i = 0; i < s->parts; i++) {
        int64_t ended_ms = part_ended_ms(t, i);
        bool done = t->units.at[i].status == END_DONE;
        s->ended[i * s->trials + s->trial] = (double)(ended_ms - t->started_ms) / 60000;
        s->done[i] += done;
        failures += !done;
        if (ended_ms > latest_ms) {
            latest_ms = ended_ms;
            last = i;
        }
    }
    if (s->parts)
        s->last[last]++;
    s->makespan[s->trial] = (double)(t->ended_ms - t->started_ms) / 60000;
    s->attempts[s->trial] = attempts_of(w);
    s->failures[s->trial] = (double)failures;
    s->slots[s->trial] = w->most_running;
    s->all_done += t->status == RUN_STATUS_DONE;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts the values. The nearest rank: the smallest value that so many of them do not exceed. */
static struct forecast_range range_of(double *values, uint32_t count)
{
    qsort(values, count, sizeof *values, compare);
    return (struct forecast_range){.p10 = values[(count - 1) / 10],
                                   .p50 = values[(count - 1) / 2],
                                   .p90 = values[(count - 1) - (count - 1) / 10]};
}

static void summarize(struct samples *s)
{
    struct forecast *f = s->ret;

    f->makespan_minutes = range_of(s->makespan, s->trials);
    f->attempts = range_of(s->attempts, s->trials);
    f->failures = range_of(s->failures, s->trials);
    f->slots = range_of(s->slots, s->trials);
    f->done = (double)s->all_done / s->trials;
    for (size_t i = 0; i < s->parts; i++) {
        f->parts[i].minutes = range_of(&s->ended[i * s->trials], s->trials);
        f->parts[i].last = (double)s->last[i] / s->trials;
        f->parts[i].done = (double)s->done[i] / s->trials;
    }
}

static bool counts_missing(const struct plan *plan, const struct fan_known *known)
{
    for (size_t i = 0; i < plan->subtask_count; i++) {
        if (fan_of_subtask(plan, i, known) == FAN_UNKNOWN)
            return true;
        for (size_t k = 0; k < plan->subtasks[i].step_count; k++)
            if (fan_of_step(plan, i, k, known) == FAN_UNKNOWN)
                return true;
    }
    return false;
}

/* So many that a forecast takes seconds, whatever the plan. */
static uint32_t usual_trials(const struct forecast_options *o)
{
    struct estimate_options options = {.known = o->known};
    struct estimate estimate;

    estimate_plan(o->request->plan, &options, &estimate);
    if (estimate.agents <= AGENTS_EASY)
        return TRIALS;
    size_t trials = (size_t)TRIALS * AGENTS_EASY / estimate.agents;
    return trials > TRIALS_MIN ? (uint32_t)trials : TRIALS_MIN;
}

void forecast_run(const struct forecast_options *options, struct arena *arena, struct forecast *ret)
{
    struct forecast_fates fates = {.source = {.draw = draw}, .options = options};
    struct sim_case scene = {.request = *options->request, .whole = options->request->plan};
    uint32_t trials = options->trials ? options->trials : usual_trials(options);
    struct samples s = {.trials = trials, .arena = arena, .ret = ret};
    struct play_options play_options = {.scene = &scene,
                                        .fates = &fates.source,
                                        .unchecked = true,
                                        .at_end = take_sample,
                                        .context = &s};

    *ret = (struct forecast){.trials = trials,
                             .unknown = counts_missing(options->request->plan, options->known)};
    double **rows[] = {&s.makespan, &s.attempts, &s.failures, &s.slots};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        *rows[i] = arena_array(arena, trials, sizeof(double));
    estimate_all(options, arena, &fates);
    for (s.trial = 0; s.trial < trials; s.trial++) {
        struct play_result result;
        fates.seed = dice_mix(options->seed, s.trial);
        play(&play_options, &result);
        if (result.broken)
            bug("the forecast of a plan does not end: %s", result.why);
        play_result_free(&result);
    }
    summarize(&s);
}
