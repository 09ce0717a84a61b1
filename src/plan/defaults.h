/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan leaves open is filled from the command line and the user's configuration. */
#ifndef KELP_PLAN_DEFAULTS_H
#define KELP_PLAN_DEFAULTS_H

#include "base/fault.h"
#include "core/plan.h"

/* Right when zeroed: NULL and "" are "not configured". */
struct plan_defaults {
    const char *agent;    /* for prompts that name none */
    const char *model;    /* for prompts that go to `agent` and name none: models go with agents */
    const char *base_url; /* the same */
    bool agent_wins;      /* also over the plan's own default (not over what is below it) */
    bool land_given, push_given; /* the next two are configured; a plan's own win */
    enum plan_land land;
    enum plan_push push;
};

/* Strings are copied into `a`. */
void plan_apply_defaults(struct plan *plan, const struct plan_defaults *defaults, struct arena *a);

/*
 * Whether each prompt has an agent to go to: FAULT_ENVIRONMENT, at the place of the step, where
 * none is named, it is "command", or it is none of `drivers` (NULL: any is accepted).
 */
int plan_check_agents(const struct plan *plan, const char *const *drivers, size_t count,
                      struct fault *f) MUST_CHECK;

#endif
