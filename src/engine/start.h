/* SPDX-License-Identifier: Apache-2.0 */
/* What the starts of commands and of agents have in common: who it is, where it works, and what
 * surrounds it. */
#ifndef KELP_ENGINE_START_H
#define KELP_ENGINE_START_H

#include "engine/engine_priv.h"

/* Plain data in the arena; begin with start_init. */
struct start {
    struct engine *e;
    const struct job *j;
    struct arena *a;
    const char *dir;              /* of the attempt */
    const char *work;             /* where it works */
    const char *id;               /* for the keeper */
    const struct plan_step *step; /* NULL for what is no agent */
    const struct plan_settings *settings;
    bool driven;    /* by a model */
    bool boxed;     /* in a sandbox */
    bool relayed;   /* below kelp-relay: see network.h */
    bool read_only; /* nothing below `work` may be written */
};

/* What one kind of start adds. Right when zeroed. */
struct start_more {
    struct strings set;                 /* "NAME=value"; they win over what passes */
    struct strings writable;            /* paths; `~/` is the user's home */
    const struct driver *driver;        /* NULL: it is a command */
    const struct driver_launch *launch; /* the same; see hidden.h */
    const char *stdin_path;             /* NULL: standard input is empty */
};

void start_init(struct start *s, struct engine *e, uint32_t job, struct arena *a);
/* All of it but argv. */
int start_fill(struct start *s, const struct start_more *more, struct keeper_spec *spec,
               struct fault *f) MUST_CHECK;
/* The value of a variable of the user's; NULL where it is not set. */
const char *start_user_value(const struct engine *e, const char *name);

#endif
