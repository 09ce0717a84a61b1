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

enum config_planner { PLANNER_AUTO, PLANNER_EMBEDDED, PLANNER_MODEL };

enum config_admission { ADMIT_AUTO, ADMIT_ALL };

/* What the user says of one driver. */
struct config_driver {
    const char *name;
    const char *program;        /* name or path; "": the driver's own */
    struct strings args;        /* behind those of the driver */
    const char *model;          /* of steps that name none; "" */
    const char *base_url;       /* the same */
    struct strings environment; /* names of variables that pass to its agents */
};

struct config_drivers {
    const struct config_driver *at;
    size_t count;
};

/* USD for a million tokens. */
struct config_price {
    const char *model; /* a name; with `*` at its end, what names begin with */
    double input, cached, output;
};

struct config_prices {
    const char *date; /* 2026-11-01, of the whole table; "" where there is none */
    int64_t date_ms;
    const struct config_price *at;
    size_t count;
};

struct config {
    const char *agent;                /* the default driver; "" for none */
    const char *model;                /* "" lets the driver choose */
    const char *base_url;             /* "": the driver's own endpoint */
    enum config_planner planner;      /* of free text */
    unsigned agents;                  /* at once; 0: automatic */
    enum config_admission admission;  /* fewer where the machine bears no more */
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
    struct config_drivers drivers;
    struct config_prices prices;
};

/* What holds without a file. */
struct config config_default(void);
/* `path` NULL is the user's own file; that one may be missing, a named one may not. Strings live
 * in `a`. FAULT_PLAN with a place. */
int config_read(const char *path, struct arena *a, struct config *ret, struct fault *f) MUST_CHECK;
int config_parse(const struct source *source, struct arena *a, struct config *ret,
                 struct fault *f) MUST_CHECK;
/* NULL where nothing is said of it. */
const struct config_driver *config_driver_find(const struct config *c, const char *name);
/* Fills a model and an endpoint that are empty by what is said of the agent. */
void config_fill_settings(const struct config *c, struct plan_settings *settings);
/* The same for all that prompts go to. */
void config_fill_plan(const struct config *c, struct plan *plan);
/* Where the user's own file is; NULL without a home. The caller frees. */
char *config_path(void);

#endif
