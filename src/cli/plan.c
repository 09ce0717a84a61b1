/* SPDX-License-Identifier: Apache-2.0 */
/* kelp plan: what a run would do. Nothing is executed and no file is touched. */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/intake.h"
#include "cli/output.h"
#include "journal/runs.h"
#include "plan/planner.h"
#include "process/run.h"
#include "ui/plan_view.h"

#include <string.h>

struct planning {
    struct session session;
    struct arena arena;
    struct intake in;
    const struct plan *plan;
    struct strings notes;
    struct strings *expanded; /* [subtask]; NULL without --expand */
};

static int plan_text(struct planning *p, struct fault *f)
{
    const struct plan *text = p->in.request.plan;
    struct planner_result result;
    struct task task;

    int r = task_parse(text->task, &p->arena, &task, f);
    if (r == 0)
        r = planner_plan(&task,
                         &(struct planner_context){.agent = text->settings.agent,
                                                   .model = text->settings.model,
                                                   .recipes = p->session.recipes},
                         &p->arena, &result, f);
    if (r < 0)
        return r;
    p->plan = result.plan;
    p->notes = result.notes;
    return 0;
}

enum { EXPAND_LIMIT_MS = 60 * 1000 };

/* The lines of the command, or the files of the glob. */
static int expand_fan(struct planning *p, const struct plan_fan *fan, struct strings *ret,
                      struct fault *f)
{
    AUTO_FREE char *glob = text_format(":(glob)%s", fan->source);
    const char *const shell[] = {"/bin/sh", "-c", fan->source, NULL};
    const char *const files[] = {"git", "ls-files", "--cached", "--others", "--exclude-standard",
                                 glob, NULL};
    struct run_spec spec = {.argv = fan->kind == FAN_GLOB ? files : shell,
                            .cwd = p->session.root,
                            .limit_ms = EXPAND_LIMIT_MS};
    AUTO_RUN_RESULT result = {0};
    VECTOR(const char *) items = {0};

    int r = run_command(&spec, &result, f);
    if (r == 0)
        r = run_check(&spec, &result, FAULT_PLAN, f);
    if (r < 0)
        return fault_wrap(f, "for_each '%s'", fan->source);
    for (const char *s = text_get(&result.out); *s;) {
        size_t length = strcspn(s, "\n");
        if (length)
            vector_push(&items, arena_string_n(&p->arena, s, length));
        s += length + (s[length] == '\n');
    }
    ret->at = arena_copy(&p->arena, items.at, items.count * sizeof *items.at);
    ret->count = items.count;
    vector_free(&items);
    return 0;
}

static int expand(struct planning *p, struct fault *f)
{
    int r = 0;

    p->expanded = arena_array(&p->arena, p->plan->subtask_count, sizeof *p->expanded);
    for (size_t i = 0; r == 0 && i < p->plan->subtask_count; i++) {
        const struct plan_fan *fan = &p->plan->subtasks[i].for_each;
        if (fan->kind == FAN_GLOB || fan->kind == FAN_COMMAND)
            r = expand_fan(p, fan, &p->expanded[i], f);
    }
    return r;
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
                    .estimate = {.known = p->expanded ? &known : NULL,
                                 .machine = s->machine,
                                 .coordination_minutes = s->coordination_minutes}}};
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
        output_json(cli, value);
        return EXIT_DONE;
    }
    output_line(cli->out, "ORG_%04u %s", view.number, p->plan->task);
    plan_view_text(&view, &out);
    (void)fputs(text_get(&out), cli->out); /* output_finish reports a failure */
    return EXIT_DONE;
}

static int make(struct cli *cli, struct planning *p, const struct option_values *values,
                struct fault *f)
{
    int r = session_open(&p->session, f);

    if (r == 0)
        r = intake_read(&p->session, values, &p->arena, &p->in, f);
    if (r < 0)
        return r;
    for (size_t i = 0; i < p->in.warnings.count; i++)
        output_line(cli->err, "kelp plan: warning: %s", p->in.warnings.at[i]);
    p->plan = p->in.request.plan;
    if (!p->in.request.planned)
        r = plan_text(p, f);
    if (r == 0 && option_flag(values, "expand"))
        r = expand(p, f);
    return r < 0 ? r : show(cli, p, option_flag(values, "json"), f);
}

static int command_plan(struct cli *cli, const struct option_values *values, struct fault *f)
{
    struct planning p = {0};
    int r = make(cli, &p, values, f);

    arena_free(&p.arena);
    session_close(&p.session);
    return r;
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
