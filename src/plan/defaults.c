/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/defaults.h"

#include "base/text.h"

#include <string.h>

/* `own` is the plan's default, which is what everything below it inherited. */
static void fill(struct plan_settings *settings, const char *own,
                 const struct plan_defaults *defaults)
{
    bool replace = defaults->agent_wins && strcmp(settings->agent, own) == 0;

    if (!defaults->agent || !*defaults->agent)
        return;
    if (*settings->agent && !replace && strcmp(settings->agent, defaults->agent) != 0)
        return;
    settings->agent = defaults->agent;
    if (replace)
        settings->model = settings->base_url = ""; /* they were meant for the other agent */
    if (defaults->model && !*settings->model)
        settings->model = defaults->model;
    if (defaults->base_url && !*settings->base_url)
        settings->base_url = defaults->base_url;
}

static void fill_steps(struct plan_step *steps, size_t count, const char *own,
                       const struct plan_defaults *defaults)
{
    for (size_t i = 0; i < count; i++)
        if (!plan_step_is_command(&steps[i]))
            fill(&steps[i].settings, own, defaults);
}

static void fill_endings(struct plan *plan, const struct plan_defaults *defaults)
{
    if (!plan->land_given && defaults->land_given) {
        plan->land = defaults->land;
        plan->land_given = true;
    }
    if (!plan->push_given && defaults->push_given) {
        plan->push = defaults->push;
        plan->push_given = true;
    }
}

void plan_apply_defaults(struct plan *plan, const struct plan_defaults *defaults, struct arena *a)
{
    const char *own = plan->settings.agent;
    struct plan_defaults mine = *defaults;

    mine.agent = mine.agent ? arena_string(a, mine.agent) : NULL;
    mine.model = mine.model ? arena_string(a, mine.model) : NULL;
    mine.base_url = mine.base_url ? arena_string(a, mine.base_url) : NULL;
    fill_endings(plan, &mine);
    fill_steps(plan->research, plan->research_count, own, &mine);
    for (size_t i = 0; i < plan->subtask_count; i++) {
        struct plan_subtask *subtask = &plan->subtasks[i];
        fill_steps(subtask->steps, subtask->step_count, own, &mine);
        fill(&subtask->settings, own, &mine);
    }
    fill(&plan->settings, own, &mine);
}

static bool is_driver(const char *agent, const char *const *drivers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(agent, drivers[i]) == 0)
            return true;
    return !drivers;
}

static int check_step(const struct plan_step *step, const char *const *drivers, size_t count,
                      struct fault *f)
{
    const char *agent = step->settings.agent;
    int r = 0;

    if (plan_step_is_command(step))
        return 0;
    if (!*agent || strcmp(agent, "command") == 0) {
        r = fault_set(f, FAULT_ENVIRONMENT, "no agent is configured for the prompt of '%s'",
                      step->title);
        fault_hint(f, "name one with --agent claude or 'agent: claude', or use 'run'");
    } else if (!is_driver(agent, drivers, count)) {
        const char *near = text_nearest(agent, drivers, count);
        r = fault_set(f, FAULT_ENVIRONMENT, "'%s' is not an agent that kelp can start", agent);
        if (near)
            fault_hint(f, "did you mean '%s'?", near);
        else
            fault_hint(f, "`kelp agents` lists them");
    }
    return r;
}

static int check_steps(const struct plan_step *steps, size_t step_count, const char *const *drivers,
                       size_t count, struct fault *f)
{
    for (size_t i = 0; i < step_count; i++) {
        int r = check_step(&steps[i], drivers, count, f);
        if (r < 0) {
            fault_place(f, NULL, steps[i].place.line, steps[i].place.column);
            return r;
        }
    }
    return 0;
}

int plan_check_agents(const struct plan *plan, const char *const *drivers, size_t count,
                      struct fault *f)
{
    int r = check_steps(plan->research, plan->research_count, drivers, count, f);

    for (size_t i = 0; r == 0 && i < plan->subtask_count; i++)
        r = check_steps(plan->subtasks[i].steps, plan->subtasks[i].step_count, drivers, count, f);
    if (r < 0 && *plan->file)
        fault_place(f, plan->file, f->line, f->column);
    return r;
}
