/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan leaves open is filled from the command line and the user's configuration. */
#ifndef KELP_PLAN_DEFAULTS_H
#define KELP_PLAN_DEFAULTS_H

#include "base/fault.h"
#include "core/plan.h"

/* Right when zeroed: "" and NULL are "not configured". */
struct plan_defaults {
    const char *agent;
    bool agent_wins;      /* also over the plan's own default (not over what is below it) */
    const char *model;    /* for steps without an agent of their own only: models go with drivers */
    double stall_minutes; /* 0: not configured; for steps with a prompt */
    const struct strings *environment; /* names added to the plan's */
    bool land_given, push_given;       /* the next two are configured; a plan's own win */
    enum plan_land land;
    enum plan_push push;
    const char *const *drivers; /* the names that an agent can have; NULL: any */
    size_t driver_count;
};

/*
 * A prompt that names no agent gets the default one; with none configured, or with "command",
 * FAULT_ENVIRONMENT at the step's place. An agent that is none of the drivers is FAULT_PLAN there,
 * with the nearest. Memory comes from `a`.
 */
int plan_apply_defaults(struct plan *plan, const struct plan_defaults *defaults, struct arena *a,
                        struct fault *f) MUST_CHECK;

#endif
