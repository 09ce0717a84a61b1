/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/planning.h"

#include "cli/consult.h"
#include "cli/output.h"
#include "plan/planner.h"
#include "process/run.h"

#include <string.h>

static int plan_embedded(struct planning *p, struct fault *f)
{
    const struct plan *text = p->in.request.plan;
    struct planner_result result;
    struct task task;

    int r = task_parse(text->task, &p->arena, &task, f);
    if (r == 0)
        r = planner_plan(&task,
                         &(struct planner_context){.request = text, .recipes = p->session.recipes},
                         &p->arena, &result, f);
    if (r != 0)
        return r;
    p->plan = result.plan;
    p->notes = result.notes;
    p->planner = "embedded";
    return 0;
}

static void add_note(struct planning *p, const char *note)
{
    const char **all = arena_array(&p->arena, p->notes.count + 1, sizeof *all);

    all[0] = note;
    for (size_t i = 0; i < p->notes.count; i++)
        all[i + 1] = p->notes.at[i];
    p->notes = (struct strings){all, p->notes.count + 1};
}

/* Where the model can't plan, kelp's own planner does. */
static int plan_text(struct planning *p, struct fault *f)
{
    const char *planner = p->in.request.planner;
    struct planner_result made;
    AUTO_FAULT why = {0};

    if (!p->may_ask || !*planner)
        return plan_embedded(p, f);
    p->planner = planner;
    if (consult_planner(&p->session, &p->in, &p->arena, &made, &why) == 0) {
        p->plan = made.plan;
        p->notes = made.notes;
        return 0;
    }
    int r = plan_embedded(p, f);
    AUTO_FREE char *text = fault_text(&why);
    if (r == 0)
        add_note(p, arena_format(&p->arena, "planned by kelp itself, since %s could not: %s",
                                 planner, text));
    return r;
}

enum { EXPAND_LIMIT_MS = 60 * 1000 };

/* The lines of the command, or the files of the glob. */
static int expand_fan(struct planning *p, const struct plan_fan *fan, struct strings *ret,
                      struct fault *f)
{
    AUTO_FREE char *glob = text_format(":(glob)%s", fan->source);
    const char *const shell[] = {"/bin/sh", "-c", fan->source, NULL};
    const char *const files[] = {"git", "ls-files", "--cached", "--others", "--exclude-standard",
                                 glob,  NULL};
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

int planning_make(struct cli *cli, const char *command, const struct option_values *values,
                  struct planning *ret, struct fault *f)
{
    int r = session_open(&ret->session, f);

    if (r == 0)
        r = intake_read(&ret->session, values, &ret->arena, &ret->in, f);
    if (r < 0)
        return r;
    for (size_t i = 0; i < ret->in.warnings.count; i++)
        output_line(cli->err, "kelp %s: warning: %s", command, ret->in.warnings.at[i]);
    ret->plan = ret->in.request.plan;
    ret->planner = "";
    if (!ret->in.request.planned)
        r = plan_text(ret, f);
    if (r == 0 && option_flag(values, "expand"))
        r = expand(ret, f);
    return r;
}

void planning_free(struct planning *p)
{
    arena_free(&p->arena);
    session_close(&p->session);
}
