/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/drivers.h"

#include "agent/prompt.h"
#include "plan/defaults.h"

#include <string.h>
#include <unistd.h>

static const char *get_variable(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

int drivers_load(const struct session *s, struct arena *a, struct roster *ret, struct fault *f)
{
    AUTO_FREE char *config = prompt_user_folder();
    const struct roster_options options = {
        .recipes = s->recipes, .config = config, .environment = {get_variable, NULL}};

    return roster_load(&options, a, ret, f);
}

static int not_configured(const struct driver *d, struct fault *f)
{
    AUTO_TEXT ways = {0};

    for (const char *const *at = d->configured_by; *at; at++)
        text_printf(&ways, "%s%s", ways.length ? ", " : "", *at);
    int r = fault_set(f, FAULT_ENVIRONMENT, "the agent '%s' is not configured", d->name);
    fault_hint(f, "log in with `%s`, or set a key; looked for: %s", d->program, text_get(&ways));
    return r;
}

/* Asks the driver for a start that is not carried out: it says what it lacks, such as a model. */
static int try_to_prepare(const struct roster_entry *e, const struct plan_settings *settings,
                          struct fault *f)
{
    const char *home = getenv("HOME");
    const struct driver_request q = {.program = e->program,
                                     .model = settings->model,
                                     .base_url = settings->base_url ? settings->base_url : "",
                                     .prompt = "",
                                     .prompt_file = "/prompt.md",
                                     .dir = "/attempt",
                                     .home = "/home",
                                     .work = "/work",
                                     .user_home = home ? home : "",
                                     .session = "",
                                     .schema = "",
                                     .root = geteuid() == 0,
                                     .environment = {get_variable, NULL}};
    struct driver_launch launch;
    AUTO_ARENA a = {0};

    return e->driver->prepare(e->driver, &q, &a, &launch, f);
}

int drivers_need(const struct roster *roster, const struct plan_settings *settings, struct fault *f)
{
    const struct roster_entry *e = NULL;
    int r = roster_need(roster, settings->agent, &e, f);

    if (r < 0)
        return r;
    const char *const *ways = e->driver->configured_by;
    bool asked = ways && *ways && !(settings->base_url && *settings->base_url);
    if (asked && !e->configured)
        return not_configured(e->driver, f);
    return try_to_prepare(e, settings, f);
}

static int need_steps(const struct roster *roster, const struct plan_step *steps, size_t count,
                      struct fault *f)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < count; i++)
        if (!plan_step_is_command(&steps[i]))
            r = drivers_need(roster, &steps[i].settings, f);
    return r;
}

int drivers_check(const struct roster *roster, const struct plan *plan, bool planned,
                  struct fault *f)
{
    const struct plan_settings *own = &plan->settings;
    int r = plan_check_agents(plan, roster->names, roster->count, f);

    if (r == 0)
        r = need_steps(roster, plan->research, plan->research_count, f);
    for (size_t i = 0; r == 0 && i < plan->subtask_count; i++)
        r = need_steps(roster, plan->subtasks[i].steps, plan->subtasks[i].step_count, f);
    if (r == 0 && !planned && *own->agent && strcmp(own->agent, "command") != 0)
        r = drivers_need(roster, own, f);
    return r;
}
