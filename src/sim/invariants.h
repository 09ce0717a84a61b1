/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to hold in every world after every event. Each invariant is a function with a name;
 * it looks at the tree, at what the world knows to be so, and at the commands that the last event
 * brought, and says in one line what is wrong.
 */
#ifndef KELP_SIM_INVARIANTS_H
#define KELP_SIM_INVARIANTS_H

#include "sim/world.h"

/* What an invariant sees. */
struct sight {
    const struct world *world;
    const struct tree *tree;
    /* As they were meant: a mutant may have told the tree something else. */
    const struct run_request *request;
    const struct plan *plan;
    uint32_t rounds;       /* 1, and one more for each request to retry or to land */
    int64_t tokens_before; /* spent before the present round */
    double usd_before;
    struct admission_level bears;   /* what the machine does, as the tree was told last */
    const struct event *event;      /* the last */
    const struct command *commands; /* that followed the event */
    size_t command_count;
    int64_t now_before_ms;   /* the tree's time before the event */
    uint32_t running_before; /* agents that held a slot before it */
    bool held_before;        /* the agent that it is about was one of them */
};

enum invariant_when {
    INVARIANT_ALWAYS,
    INVARIANT_AT_END, /* once the run has ended */
    INVARIANT_PLAYED, /* checked by the play itself: it is not about one event */
};

struct invariant {
    const char *name;
    const char *says; /* what has to hold, as a sentence without a full stop */
    enum invariant_when when;
    bool (*holds)(const struct sight *s, struct text *why); /* NULL for INVARIANT_PLAYED */
};

extern const struct invariant invariants[];
extern const size_t invariant_count;

/* The first that does not hold, or NULL; `why` is filled then. The second is for a run that has
 * ended; it has no event and no commands. */
const struct invariant *invariants_check(const struct sight *s, struct text *why);
const struct invariant *invariants_check_end(const struct sight *s, struct text *why);

/* Those that the play reports itself. */
#define INVARIANT_ENDS "run_ends"
#define INVARIANT_REPLAY "replay_same_tree"
#define INVARIANT_COMMANDS "replay_same_commands"
#define INVARIANT_JOURNAL "journal_keeps_all"
#define INVARIANT_REPEATS "repeats_change_nothing"

#endif
