/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/drivers.h"

#include "agent/price.h"
#include "agent/prompt.h"
#include "plan/defaults.h"
#include "process/spawn.h"

#include <string.h>
#include <unistd.h>

static const char *get_variable(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

/* A program that the configuration names takes the place of the driver's own. */
static void replace_program(const struct config_driver *own, struct roster_entry *e,
                            struct arena *a)
{
    const char *path = getenv("PATH");
    AUTO_FREE char *variable = text_format("PATH=%s", path ? path : "");
    const char *const envp[] = {variable, NULL};
    AUTO_FREE char *found = NULL;

    e->trouble = e->program = NULL;
    if (spawn_find_program(own->program, envp, &found) == 0 && access(found, X_OK) == 0)
        e->program = arena_string(a, found);
    else
        e->trouble =
            arena_format(a, "'%s', which the configuration names, is not there", own->program);
}

int drivers_load(const struct session *s, struct arena *a, struct roster *ret, struct fault *f)
{
    AUTO_FREE char *folder = prompt_user_folder();
    const struct roster_options options = {
        .recipes = s->recipes, .config = folder, .environment = {get_variable, NULL}};
    struct config config;
    int r = config_read(NULL, a, &config, f);

    if (r == 0)
        r = roster_load(&options, a, ret, f);
    if (r < 0)
        return r;
    struct roster_entry *all = arena_copy(a, ret->at, ret->count * sizeof *all);
    for (size_t i = 0; i < ret->count; i++) {
        const struct config_driver *own = config_driver_find(&config, ret->names[i]);
        if (own && *own->program)
            replace_program(own, &all[i], a);
    }
    ret->at = all;
    return 0;
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

/* Asks the driver for a start that is not carried out. */
static int try_to_prepare(const struct roster_entry *e, const struct plan_settings *settings,
                          struct arena *a, struct driver_launch *ret, struct fault *f)
{
    const char *home = getenv("HOME");
    const struct driver_request q = {.program = e->program ? e->program : "",
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

    return e->driver->prepare(e->driver, &q, a, ret, f);
}

struct strings drivers_secrets(const struct roster_entry *e, const struct plan_settings *settings,
                               struct arena *a)
{
    struct strings values = {0};
    struct driver_launch launch;
    AUTO_FAULT ignored = {0};

    if (!e || try_to_prepare(e, settings, a, &launch, &ignored) < 0)
        return values;
    values.at = arena_array(a, launch.secrets.count, sizeof *values.at);
    for (size_t i = 0; i < launch.secrets.count; i++) {
        const char *value = getenv(launch.secrets.at[i]);
        if (value)
            values.at[values.count++] = value;
    }
    return values;
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
    AUTO_ARENA a = {0};
    struct driver_launch launch;
    return try_to_prepare(e, settings, &a, &launch, f); /* it says what it lacks: a model */
}

const char *drivers_default(const struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_entry *e = &roster->at[i];
        const struct plan_settings settings = {
            .agent = roster->names[i], .model = "", .base_url = ""};
        AUTO_FAULT lacking = {0};
        if (!e->file && e->configured && drivers_need(roster, &settings, &lacking) == 0)
            return roster->names[i];
    }
    return NULL;
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

static bool has_price(const struct roster *roster, const struct plan_settings *s,
                      const struct config_prices *prices)
{
    const struct roster_entry *e = roster_find(roster, s->agent);
    const struct token_counts none = {0};

    return (e && e->driver->can & DRIVER_COST) || price_usd(prices, s->model, &none, -1) >= 0;
}

/* The first of the steps whose limit nobody can watch; NULL: there is none. */
static const struct plan_settings *unwatched(const struct roster *roster,
                                             const struct plan_subtask *subtask,
                                             const struct config_prices *prices)
{
    for (size_t i = 0; i < subtask->step_count; i++) {
        const struct plan_step *step = &subtask->steps[i];
        if (!plan_step_is_command(step) && step->settings.limits.usd > 0 &&
            !has_price(roster, &step->settings, prices))
            return &step->settings;
    }
    return NULL;
}

const char *drivers_price_warning(const struct roster *roster, const struct plan *plan,
                                  const struct config_prices *prices, struct arena *a)
{
    const struct plan_settings *found = NULL;

    for (size_t i = 0; !found && i < plan->subtask_count; i++)
        found = unwatched(roster, &plan->subtasks[i], prices);
    if (!found)
        return "";
    return arena_format(a,
                        "the limit in USD does not hold for '%s', whose price is not known: name "
                        "it under `prices` in the configuration, or limit its tokens",
                        *found->model ? found->model : found->agent);
}
