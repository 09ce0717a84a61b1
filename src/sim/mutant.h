/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planted bugs. Each makes the tree, or what lies between the tree and the world, wrong in one
 * way, and names the invariant that has to notice. They prove that the search can fail.
 */
#ifndef KELP_SIM_MUTANT_H
#define KELP_SIM_MUTANT_H

#include "sim/world.h"

/* Where a mutant strikes: after an event, before anybody looks. */
struct mutant_site {
    struct tree *tree;
    struct world *world;
    struct commands *commands; /* those of the event that was applied */
    const struct event *event;
    bool repeat; /* it told what the tree knew already */
};

/* What an engine does wrong about its journal. */
enum mutant_engine {
    MUTANT_ENGINE_SOUND,
    MUTANT_IGNORES_COMMIT, /* goes on after a commit that failed */
    MUTANT_ACTS_FIRST,     /* carries out what is not journalled yet */
    MUTANT_FORGETS_COMMIT, /* says that it committed; needs plays with a journal */
};

struct mutant {
    const char *name;
    const char *caught_by; /* an invariant */
    /* Either may be NULL. What the tree is told of the plan and the settings; what it does then. */
    void (*request)(struct run_request *request, struct plan *plan);
    void (*strike)(const struct mutant_site *site);
    enum mutant_engine engine;
};

extern const struct mutant mutants[];
extern const size_t mutant_count;

/* NULL if there is none of that name. */
const struct mutant *mutant_find(const char *name);

#endif
