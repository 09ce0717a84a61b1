/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/containment.h"

static bool is_open(const struct plan_settings *s)
{
    return s->sandbox.off || s->isolation == ISOLATION_NONE;
}

const char *containment_warning(const struct plan *plan, bool kernel, struct arena *a)
{
    size_t all = 0, open = 0;

    if (!kernel)
        return "this kernel has no sandbox (Landlock): agents can write wherever you can, and "
               "`network` does not hold; their processes are contained all the same (`kelp doctor` "
               "says what is missing)";
    for (size_t i = 0; i < plan->subtask_count; i++) {
        const struct plan_subtask *t = &plan->subtasks[i];
        all += t->step_count;
        for (size_t k = 0; k < t->step_count; k++)
            open += is_open(&t->steps[k].settings);
    }
    if (!open)
        return "";
    return arena_format(a,
                        "%zu of the plan's %zu steps run%s without a sandbox (`sandbox: off` or "
                        "`isolation: none`): their processes are contained, what they write is not",
                        open, all, open == 1 ? "s" : "");
}

const char *containment_network_warning(const struct plan *plan, bool (*can_relay)(void),
                                        struct arena *a)
{
    size_t relayed = 0;

    for (size_t i = 0; i < plan->subtask_count; i++)
        for (size_t k = 0; k < plan->subtasks[i].step_count; k++) {
            const struct plan_settings *s = &plan->subtasks[i].steps[k].settings;
            relayed += !is_open(s) && s->sandbox.network == NETWORK_ENDPOINT;
        }
    if (!relayed || can_relay())
        return "";
    return arena_format(
        a,
        "this machine cannot keep `network: endpoint`, which %zu of the plan's steps "
        "ask%s for: they will not start (`kelp doctor` says what is missing)",
        relayed, relayed == 1 ? "s" : "");
}

const char *containment_view_warning(const struct plan *plan, bool (*can_hide)(void),
                                     struct arena *a)
{
    size_t driven = 0;

    for (size_t i = 0; i < plan->subtask_count; i++)
        for (size_t k = 0; k < plan->subtasks[i].step_count; k++) {
            const struct plan_step *step = &plan->subtasks[i].steps[k];
            driven += !is_open(&step->settings) && !*step->run;
        }
    if (!driven || can_hide())
        return "";
    return arena_format(
        a,
        "this user gets no mount namespace: your keys and the logins of other agent "
        "programs can be read in %zu of the plan's steps, which a model drives "
        "(`kelp doctor` says what is missing)",
        driven);
}

const char *containment_limits_warning(const struct plan *plan, bool (*can_bound)(void),
                                       struct arena *a)
{
    size_t limited = 0;

    for (size_t i = 0; i < plan->subtask_count; i++)
        for (size_t k = 0; k < plan->subtasks[i].step_count; k++) {
            const struct plan_limits *l = &plan->subtasks[i].steps[k].settings.limits;
            limited += l->memory_bytes > 0 || l->processes > 0;
        }
    if (!limited || can_bound())
        return "";
    return arena_format(a,
                        "this user can't have control groups with bounds: limits of memory and "
                        "processes, which %zu of the plan's steps ha%s, are measured four times a "
                        "second (`kelp doctor` says what is missing)",
                        limited, limited == 1 ? "s" : "ve");
}
