/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault search: many seeds, each played without a crash, with crashes here and there or
 * everywhere, and with one crash or one act of the user's at a few chosen places, or at all of
 * them. Deterministic: the same options find the same first failing seed, however many threads
 * look. What was found can be cut down to the least that still fails.
 */
#ifndef KELP_SIM_SEARCH_H
#define KELP_SIM_SEARCH_H

#include "base/text.h"
#include "sim/play.h"

/* What repeats a failure. */
struct search_failure {
    struct shape shape;
    double crash_chance;
    bool forced, scripted, journal;
    struct accident accident; /* that was forced */
    struct script script;     /* all accidents that happened; owned */
    const struct mutant *mutant;
    size_t events;      /* until it broke */
    const char *broken; /* invariant */
    char *why;          /* owned */
};

struct search_options {
    uint64_t first, seeds;       /* first .. first + seeds - 1 */
    unsigned threads;            /* 0 and 1: one */
    bool every_point;            /* small worlds, and a crash or an act at each of their places */
    bool journal;                /* each play has a real journal on a failing disk; one thread */
    uint32_t faults;             /* a set as in struct shape; 0: all */
    uint32_t failures_max;       /* stop after so many failing seeds; 0: never */
    const struct mutant *mutant; /* a planted bug; NULL: none */
    /* Called after each seed, by one thread at a time; `failure` is NULL if it passed. NULL: not
     * wanted. */
    void (*after_seed)(void *context, uint64_t seeds_so_far, const struct search_failure *failure);
    void *context;
};

struct search_result {
    uint64_t passed, failed; /* seeds */
    uint64_t plays, events;
    VECTOR(struct search_failure) failures; /* by seed */
    struct play_counts counts;
};

void search_run(const struct search_options *options, struct search_result *ret);
void search_result_free(struct search_result *r);
/* Plays once. True if an invariant broke; `ret` is filled then. */
bool search_play(const struct play_options *options, struct search_failure *ret);
/* shrink.c: a smaller history that breaks the same invariant: fewer subtasks, steps and agents,
 * fewer kinds of faults, and of all accidents only those without which it holds. */
void search_shrink(const struct search_failure *failure, struct search_failure *ret);
void search_failure_free(struct search_failure *f);
/* "--seed 123 --children 2 --force crash@57": what follows the program's name to play it again. */
void search_arguments(const struct search_failure *f, struct text *out);

#endif
