/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One world from its request to its end: engines live and die in it, the journal and the world
 * remain. The same options give the same play, to the byte.
 *
 * A turn of the engine is what it is in the real one: collect events, apply them, commit them to
 * the journal, carry out the commands that followed. It can be cut before the commit, after it, and
 * after each command; those are the crash points, numbered from 0 through the play.
 */
#ifndef KELP_SIM_PLAY_H
#define KELP_SIM_PLAY_H

#include "sim/accident.h"
#include "sim/invariants.h"
#include "sim/disk.h"
#include "sim/mutant.h"

struct play_options {
    struct shape shape;
    double crash_chance;             /* of a crash at each point */
    const struct accident *forced;   /* happens beside what the dice say; NULL: nothing */
    const struct script *script;     /* all that happens; NULL: the dice say */
    const struct mutant *mutant;     /* NULL: none */
    const struct sim_case *scene;    /* NULL: drawn from the shape */
    const struct fate_source *fates; /* NULL: those of the fault search */
    /* A real journal beside the tape, on a disk that fails. One such play at a time in a process.
     */
    bool journal;
    bool unchecked; /* no invariants, no accidents of pace: a forecast, or a measurement */
    /* Called once when the run has ended; NULL: not wanted. */
    void (*at_end)(void *context, const struct tree *tree, const struct world *world);
    void *context;
    struct text *trace; /* NULL: not wanted. A line for each event and command */
};

/* Where in a turn an engine dies. */
enum crash_place {
    CRASH_BEFORE_COMMIT, /* events were applied, and are lost */
    CRASH_IN_COMMIT,     /* on a disk that was cut (play_options.journal) */
    CRASH_AFTER_COMMIT,  /* they are journalled, and nothing that follows was done */
    CRASH_AMONG_EFFECTS, /* between two of the commands */
    CRASH_AFTER_EFFECTS, /* all that follows is done, and nobody is told how it goes */
    CRASH_PLACE_COUNT
};

/* What was seen on the way, to tell whether a search gets around. */
struct play_counts {
    uint64_t events[EVENT_KIND_COUNT];
    uint64_t jobs[JOB_KIND_COUNT];
    uint64_t errors[ATTEMPT_ERROR_COUNT];
    uint64_t statuses[END_STATUS_COUNT]; /* of children */
    uint64_t ends[RUN_STATUS_CANCELLED + 1];
    uint64_t patterns[PATTERN_WAVES + 1];
    uint64_t accidents[ACCIDENT_KIND_COUNT];
    uint64_t crashes[CRASH_PLACE_COUNT];
    uint64_t strikes[DISK_STRIKE_COUNT]; /* of the disk, where there is one */
    uint64_t troubles[SIM_FAULT_COUNT];  /* of jobs, by what brought them */
    uint64_t stops[STOP_OVERDRAWN + 1];  /* of jobs that have ended, by reason */
    uint64_t commits;
    uint64_t lost_events, resumes, repeats;
    uint64_t untold, undone, adopted; /* as in struct world_counts */
    uint64_t conflicts, bad_results;  /* of branches; results on which a check failed */
    uint64_t over_limits;             /* runs that reached a limit */
    uint64_t landed, land_refused, pushed, push_refused;
    uint64_t bundles, moves; /* as in struct repo */
};

struct play_result {
    const char *broken; /* name of the invariant that did not hold; NULL: all held */
    char *why;          /* owned; NULL when nothing is broken */
    size_t events;      /* that were journalled */
    uint32_t crash_points, turns, ends; /* places of accidents */
    uint32_t orchs;
    uint64_t disk_operations;
    int64_t makespan_ms;    /* virtual */
    struct script happened; /* all accidents, sorted */
    struct play_counts counts;
};

/* `ret` is filled in any case; free it with play_result_free. */
void play(const struct play_options *options, struct play_result *ret);
void play_result_free(struct play_result *r);

#endif
