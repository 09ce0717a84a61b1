/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's configuration, $XDG_CONFIG_HOME/kelp/config.yaml. Wherever a plan or the command
 * line says something else, that wins. docs/configuration.md lists the keys.
 */
#ifndef KELP_PLAN_CONFIG_H
#define KELP_PLAN_CONFIG_H

#include "base/fault.h"
#include "core/plan.h"
#include "plan/source.h"

struct config {
    const char *agent;                /* the default driver; "" for none */
    const char *model;                /* "" lets the driver choose */
    unsigned agents;                  /* at once; 0: automatic */
    unsigned min_subtasks, min_steps; /* thresholds of the decision */
    double min_minutes, min_speedup;
    double retry_percent;        /* of a run's agents, the shared budget of retries */
    unsigned retry_min;          /* and at least as many */
    double stall_minutes;        /* of agents driven by models */
    double coordination_minutes; /* for each child, in estimates; 0: as measured */
    struct strings environment;  /* further variables that pass to agents */
    bool land_given, push_given;
    enum plan_land land;
    enum plan_push push;
};

/* What holds without a file. */
struct config config_default(void);
/* `path` NULL is the user's own file; that one may be missing, a named one may not. Strings live
 * in `a`. FAULT_PLAN with a place. */
int config_read(const char *path, struct arena *a, struct config *ret, struct fault *f) MUST_CHECK;
int config_parse(const struct source *source, struct arena *a, struct config *ret,
                 struct fault *f) MUST_CHECK;
/* Where the user's own file is; NULL without a home. The caller frees. */
char *config_path(void);

#endif
