/* SPDX-License-Identifier: Apache-2.0 */
#include "core/estimate.h"

#include "core/work.h"

#include <math.h>

static enum work_kind kind_of(const struct plan_step *step)
{
    return plan_step_is_command(step) ? WORK_COMMAND : WORK_MODEL;
}

/* Minutes of one agent, or of one item, from what is known of the step alone. */
static double own_minutes(const struct plan_step *step, const struct history *history)
{
    double minutes;

    if (step->minutes > 0)
        return step->minutes;
    if (history_minutes(history, step->role, kind_of(step), &minutes))
        return minutes;
    return plan_step_is_command(step) ? ESTIMATE_COMMAND_MINUTES : ESTIMATE_PROMPT_MINUTES;
}

/* How a known for_each is dealt out. */
static void deal_out(const struct plan_step *step, double minutes,
                     const struct estimate_options *options, struct step_estimate *ret)
{
    if (step->for_each.batch) {
        ret->batch = step->for_each.batch < ret->items ? step->for_each.batch : ret->items;
        ret->batch = ret->batch ? ret->batch : 1;
        ret->agents = fan_agents(ret->items, ret->batch);
        return;
    }
    AUTO_ARENA arena = {0};
    struct scale_choice choice;
    struct scale_input input = {
        .items = ret->items,
        .minutes_per_item = minutes,
        .kind = kind_of(step),
        .machine = options->machine,
        .overhead_s = options->history ? options->history->overhead_s : 0,
        .user = step->count > 1 ? step->count : 0,
    };
    scale_choose(&input, &arena, &choice);
    ret->batch = choice.batch;
    ret->agents = choice.agents;
}

static void estimate_alone(const struct plan_step *step, size_t items,
                           const struct estimate_options *options, struct step_estimate *ret)
{
    double minutes = own_minutes(step, options->history);

    *ret = (struct step_estimate){.minutes = minutes, .items = items, .batch = 1};
    if (step->for_each.kind == FAN_NONE || items == FAN_UNKNOWN) {
        ret->agents = step->for_each.kind == FAN_NONE ? step->count : 1;
        ret->total = minutes * (double)ret->agents;
        return;
    }
    deal_out(step, minutes, options, ret);
    ret->minutes = ret->agents ? minutes * (double)ret->batch : 0;
    ret->total = minutes * (double)items;
}

/* One level of a subtask. */
struct level {
    bool used;
    bool open;      /* some step has no minutes of its own */
    double longest; /* minutes */
};

static struct level *find_levels(const struct plan_subtask *subtask,
                                 const struct step_estimate *steps, unsigned *ret_count)
{
    unsigned count = 0;

    for (size_t i = 0; i < subtask->step_count; i++)
        if (subtask->steps[i].level > count)
            count = subtask->steps[i].level;
    struct level *levels = mem_zero((count + 1) * sizeof *levels);
    for (size_t i = 0; i < subtask->step_count; i++) {
        struct level *level = &levels[subtask->steps[i].level];
        level->used = true;
        level->open = level->open || !(subtask->steps[i].minutes > 0);
        if (steps[i].minutes > level->longest)
            level->longest = steps[i].minutes;
    }
    *ret_count = count + 1;
    return levels;
}

/* What the agents without minutes get of the subtask's. */
static double even_share(const struct plan_subtask *subtask, const struct level *levels,
                         unsigned count)
{
    double left = subtask->minutes;
    unsigned used = 0;
    unsigned open = 0;

    for (unsigned l = 0; l < count; l++) {
        used += levels[l].used;
        open += levels[l].open;
        if (levels[l].used && !levels[l].open)
            left -= levels[l].longest;
    }
    return left > 0 && open ? left / open : subtask->minutes / used;
}

void estimate_steps(const struct plan *plan, size_t subtask, const struct estimate_options *options,
                    struct step_estimate *ret)
{
    const struct plan_subtask *s = &plan->subtasks[subtask];
    unsigned count;

    for (size_t i = 0; i < s->step_count; i++)
        estimate_alone(&s->steps[i], fan_of_step(plan, subtask, i, options->known), options,
                       &ret[i]);
    if (!(s->minutes > 0) || !s->step_count)
        return;
    AUTO_FREE struct level *levels = find_levels(s, ret, &count);
    double share = even_share(s, levels, count);
    for (size_t i = 0; i < s->step_count; i++) {
        if (s->steps[i].minutes > 0)
            continue;
        ret[i].minutes = ret[i].agents ? share : 0;
        ret[i].total = share * (double)ret[i].agents;
    }
}

static double longest_path(const struct plan *plan, size_t subtask,
                           const struct step_estimate *steps)
{
    AUTO_WORK work;
    double longest = 0;

    work_graph_child(plan, subtask, &work);
    AUTO_FREE double *weight = mem_zero(work.count * sizeof *weight);
    AUTO_FREE double *tail = mem_zero(work.count * sizeof *tail);
    for (size_t i = 0; i < work.real; i++)
        weight[i] = steps[i].minutes;
    graph_tails(work.graph, weight, tail);
    for (size_t i = 0; i < work.real; i++)
        if (tail[i] > longest)
            longest = tail[i];
    return longest;
}

/* What one unit of a subtask comes to. */
struct subtask_estimate {
    double minutes, waves, sequential;
    size_t agents;
    bool unknown;
};

static void estimate_one(const struct plan *plan, size_t subtask,
                         const struct estimate_options *options, struct subtask_estimate *ret)
{
    const struct plan_subtask *s = &plan->subtasks[subtask];
    AUTO_FREE struct step_estimate *steps = mem_resize(NULL, s->step_count, sizeof *steps);
    unsigned count;

    *ret = (struct subtask_estimate){0};
    estimate_steps(plan, subtask, options, steps);
    AUTO_FREE struct level *levels = find_levels(s, steps, &count);
    for (unsigned l = 0; l < count; l++)
        ret->waves += levels[l].longest;
    for (size_t i = 0; i < s->step_count; i++) {
        ret->sequential += steps[i].total;
        ret->agents += steps[i].agents;
        ret->unknown = ret->unknown || steps[i].items == FAN_UNKNOWN;
    }
    ret->minutes = s->minutes > 0 ? s->minutes : longest_path(plan, subtask, steps);
}

double estimate_subtask(const struct plan *plan, size_t subtask,
                        const struct estimate_options *options)
{
    struct subtask_estimate one;

    estimate_one(plan, subtask, options, &one);
    return one.minutes;
}

double estimate_round(double minutes)
{
    return round(minutes * 100) / 100;
}

double estimate_speedup(double waves_minutes, double meta_minutes)
{
    double meta = estimate_round(meta_minutes);

    return meta > 0 ? estimate_round(waves_minutes) / meta : 1;
}

void estimate_plan(const struct plan *plan, const struct estimate_options *options,
                   struct estimate *ret)
{
    double coordination = options->coordination_minutes > 0 ? options->coordination_minutes
                                                            : ESTIMATE_COORDINATION_S / 60;
    double longest = 0;
    struct estimate sum = {0};

    for (size_t i = 0; i < plan->subtask_count; i++) {
        struct subtask_estimate one;
        size_t units = fan_of_subtask(plan, i, options->known);
        estimate_one(plan, i, options, &one);
        sum.unknown = sum.unknown || one.unknown || units == FAN_UNKNOWN;
        units = units == FAN_UNKNOWN ? 1 : units;
        sum.sequential_minutes += (double)units * one.sequential;
        sum.waves_minutes += (double)units * one.waves;
        sum.agents += units * one.agents;
        sum.children += units;
        if (units && one.minutes > longest)
            longest = one.minutes;
    }
    sum.sequential_minutes = estimate_round(sum.sequential_minutes);
    sum.waves_minutes = estimate_round(sum.waves_minutes);
    sum.meta_minutes = estimate_round(longest + coordination * (double)sum.children);
    sum.speedup = estimate_speedup(sum.waves_minutes, sum.meta_minutes);
    *ret = sum;
}
