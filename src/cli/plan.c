/* SPDX-License-Identifier: Apache-2.0 */
/* kelp plan: what a run would do. No agent works and no file is touched. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/planning.h"
#include "journal/runs.h"
#include "ui/plan_view.h"

static json_t *notes_json(const struct strings *notes)
{
    json_t *list = json_array();

    for (size_t i = 0; i < notes->count; i++)
        json_array_append_new(list, json_text_or_null(notes->at[i]));
    return list;
}

static int show(struct cli *cli, struct planning *p, bool json, struct fault *f)
{
    const struct run_settings *s = &p->in.request.settings;
    const struct fan_known known = {.subtasks = p->expanded};
    struct decision decision;
    struct plan_view view = {
        .plan = p->plan,
        .decision = &decision,
        .notes = p->notes,
        .symbols = cli->out_color,
        .outline = {.agents = s->slots_asked,
                    .estimate = request_estimates(&p->in.request, p->expanded ? &known : NULL)}};
    AUTO_TEXT out = {0};

    int r = runs_peek(p->session.root, &view.number, f);
    if (r < 0)
        return r;
    decide(p->plan, 0,
           &(struct decide_options){.forced = s->pattern,
                                    .min_subtasks = s->min_subtasks,
                                    .min_steps = s->min_steps,
                                    .min_minutes = s->min_minutes,
                                    .min_speedup = s->min_speedup,
                                    .estimate = view.outline.estimate},
           &p->arena, &decision);
    if (json) {
        json_auto_t *value = plan_view_json(&view);
        json_object_set_new(value, "planner", json_text_or_null(*p->planner ? p->planner : NULL));
        json_object_set_new(value, "notes", notes_json(&p->notes));
        output_json(cli, value);
        return EXIT_DONE;
    }
    output_line(cli->out, "ORG_%04u %s", view.number, p->plan->task);
    plan_view_text(&view, &out);
    (void)fputs(text_get(&out), cli->out); /* output_finish reports a failure */
    return EXIT_DONE;
}

static int command_plan(struct cli *cli, const struct option_values *values, struct fault *f)
{
    AUTO_PLANNING p = {.may_ask = true};
    int r = planning_make(cli, "plan", values, &p, f);

    return r < 0 ? r : show(cli, &p, option_flag(values, "json"), f);
}

static const struct option_row rows[] = {
    INTAKE_OPTIONS,
    {.name = "expand", .help = "run the commands of for_each, to know how many items there are"},
    {.name = "json", .help = "print JSON"},
};

const struct command_row command_plan_row = {
    .syntax = {.command = "plan",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "TASK | PLAN.yaml | MISSION.md...",
               .words_min = 1,
               .words_max = OPTION_WORDS_ANY},
    .help = "show the decision, the waves and the estimate of a run, and do nothing",
    .group = COMMAND_GROUP_RUN,
    .exits = EXITS_PRINT,
    .run = command_plan,
};
