/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/defaults.h"

#include "base/text.h"

#include <string.h>

/* `own` is the plan's default, which is what everything below it inherited. */
static void fill(struct plan_settings *settings, const char *own,
                 const struct plan_defaults *defaults)
{
    bool replace = defaults->agent_wins && strcmp(settings->agent, own) == 0;

    if (!defaults->agent || !*defaults->agent || (*settings->agent && !replace))
        return;
    settings->agent = defaults->agent;
    if (replace)
        settings->model = ""; /* it was meant for the other agent */
    if (defaults->model && !*settings->model)
        settings->model = defaults->model;
}

static int no_agent(const struct plan_step *step, struct fault *f)
{
    int r = fault_set(f, FAULT_ENVIRONMENT, "no agent is configured for the prompt of '%s'",
                      step->title);

    fault_hint(f, "name one with --agent claude or 'agent: claude', or use 'run'");
    return r;
}

static int check_agent(const struct plan_step *step, const struct plan_defaults *defaults,
                       struct fault *f)
{
    const char *agent = step->settings.agent;

    if (!*agent || strcmp(agent, "command") == 0)
        return no_agent(step, f);
    bool known = !defaults->drivers;
    for (size_t i = 0; !known && i < defaults->driver_count; i++)
        known = strcmp(agent, defaults->drivers[i]) == 0;
    if (known)
        return 0;
    const char *near = text_nearest(agent, defaults->drivers, defaults->driver_count);
    int r = fault_set(f, FAULT_PLAN, "'%s' is not an agent that kelp can start", agent);
    if (near)
        fault_hint(f, "did you mean '%s'?", near);
    else
        fault_hint(f, "kelp agents lists them");
    return r;
}

static int fill_steps(const struct plan *plan, struct plan_step *steps, size_t count,
                      const struct plan_defaults *defaults, struct fault *f)
{
    for (size_t i = 0; i < count; i++) {
        struct plan_step *step = &steps[i];
        if (plan_step_is_command(step))
            continue;
        fill(&step->settings, plan->settings.agent, defaults);
        if (step->settings.stall_minutes < 0 && defaults->stall_minutes > 0)
            step->settings.stall_minutes = defaults->stall_minutes;
        int r = check_agent(step, defaults, f);
        if (r < 0 && *plan->file)
            fault_place(f, plan->file, step->place.line, step->place.column);
        if (r < 0)
            return r;
    }
    return 0;
}

static void add_environment(struct plan *plan, const struct strings *names, struct arena *a)
{
    size_t n = plan->environment.count;
    const char **at = arena_array(a, n + names->count, sizeof *at);

    for (size_t i = 0; i < n; i++)
        at[i] = plan->environment.at[i];
    for (size_t i = 0; i < names->count; i++)
        at[n + i] = arena_string(a, names->at[i]);
    plan->environment = (struct strings){at, n + names->count};
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

static struct plan_defaults owned(const struct plan_defaults *defaults, struct arena *a)
{
    struct plan_defaults copy = *defaults;

    if (copy.agent)
        copy.agent = arena_string(a, copy.agent);
    if (copy.model)
        copy.model = arena_string(a, copy.model);
    return copy;
}

int plan_apply_defaults(struct plan *plan, const struct plan_defaults *defaults, struct arena *a,
                        struct fault *f)
{
    const struct plan_defaults mine = owned(defaults, a);
    int r = fill_steps(plan, plan->research, plan->research_count, &mine, f);

    fill_endings(plan, &mine);
    for (size_t i = 0; r == 0 && i < plan->subtask_count; i++) {
        fill(&plan->subtasks[i].settings, plan->settings.agent, &mine);
        r = fill_steps(plan, plan->subtasks[i].steps, plan->subtasks[i].step_count, &mine, f);
    }
    if (r < 0)
        return r;
    fill(&plan->settings, plan->settings.agent, &mine);
    if (mine.environment && mine.environment->count)
        add_environment(plan, mine.environment, a);
    return r;
}
