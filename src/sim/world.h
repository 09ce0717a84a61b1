/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the simulated world that outlives the engine: what the keeper runs and what it wrote
 * down, the repository, virtual time. It carries out the tree's commands and reports to whatever
 * engine is alive. A repeated request is answered and not repeated, as the real world promises.
 *
 * It keeps facts and judges nothing; invariants.h does.
 */
#ifndef KELP_SIM_WORLD_H
#define KELP_SIM_WORLD_H

#include "core/tree.h"
#include "sim/agenda.h"
#include "sim/fate.h"
#include "sim/plan_gen.h"
#include "sim/repo.h"

enum report_kind { REPORT_STARTED, REPORT_ENDED, REPORT_STALLED, REPORT_OVERDRAWN };

enum world_phase {
    WORLD_UNSEEN,  /* nobody asked for it, or what was begun was lost and left no trace */
    WORLD_PENDING, /* accepted, not started */
    WORLD_RUNNING,
    WORLD_OVER /* its outcome is on file */
};

struct world_job {
    struct errand errand; /* as it was when it was first asked for */
    uint8_t phase;        /* enum world_phase */
    bool stopped;
    bool done;         /* it was done, and nobody was told: `outcome` is there */
    uint32_t asked_in; /* life of the engine that last asked for it; 0: none */
    uint32_t asks;     /* in that life */
    uint32_t starts;   /* how often it really started */
    uint32_t effects;  /* how often it changed the repository */
    int64_t started_ms, ends_ms;
    uint32_t started_in; /* life of the engine that was told so first; 0: nobody */
    struct fate fate;
    struct outcome *outcome; /* once it is OVER */
};

/* A promise of the world's that was broken by what it was asked; JOB_NONE: not so far. */
struct world_breaches {
    uint32_t changed;   /* asked for again as another job */
    uint32_t twice;     /* asked for twice by one engine */
    uint32_t together;  /* started while an attempt of the same agent ran */
    uint32_t again;     /* started although an attempt of the same agent had succeeded */
    uint32_t unclean;   /* started in a tree that holds what a failed attempt left */
    uint32_t homeless;  /* started in a copy that does not exist */
    uint32_t crowded;   /* started in a copy in which another agent writes */
    uint32_t forgetful; /* goes on, and what the attempt before it left is gone */
    uint32_t shared;    /* resumed a session that another attempt uses, or one of another role */
    uint32_t unfetched; /* merged a branch that was never brought home */
    uint32_t unknown;   /* landed a commit that the repository does not have */
};

struct world_counts {
    uint64_t untold;  /* jobs that were done, and nobody was told */
    uint64_t undone;  /* that died before they were */
    uint64_t adopted; /* that went on while no engine lived, and were asked for by the next */
};

struct agent_trace {
    uint32_t last; /* job that started last, or JOB_NONE */
    uint32_t starts;
};

struct agent_traces {
    VECTOR(struct agent_trace) by_agent;
};

struct world {
    struct shape shape;
    const struct fate_source *fates;
    struct arena arena;
    int64_t now_ms;
    struct agenda agenda;
    struct agenda *inbox; /* of the engine that is alive; NULL: there is none */
    uint32_t life;        /* of the engine, 1.. */
    VECTOR(struct world_job) jobs;
    VECTOR(struct agent_traces) agents; /* by orchestrator */
    uint32_t running;                   /* agents alive */
    uint32_t most_running;
    struct repo repo;
    struct world_breaches breaches;
    struct world_counts counts;
    const struct plan *whole; /* what the planner answers */
};

void world_init(struct world *w, const struct shape *shape, const struct fate_source *fates,
                const struct plan *whole);
/* An engine is alive from now on and is told through `inbox` (what: enum report_kind, which: job).
 */
void world_attach(struct world *w, struct agenda *inbox);
/* The engine is dead; what only it held is gone. */
void world_detach(struct world *w);
/* The machine went down: whatever ran is dead, what was on disk is not. `was_done` says whether a
 * worker had done its work before it died. */
typedef bool world_was_done(void *context, uint32_t job);
void world_reboot(struct world *w, world_was_done *was_done, void *context);
/* The keeper died: whatever ran is dead, and the engine, if there is one, is told that it crashed.
 */
void world_keeper_dies(struct world *w, world_was_done *was_done, void *context);
void world_start(struct world *w, const struct tree *t, uint32_t job);
void world_stop(struct world *w, uint32_t job);
/* Carries on until `now_ms`. */
void world_advance(struct world *w, int64_t now_ms);
/* NULL if the world never heard of it. */
const struct world_job *world_job(const struct world *w, uint32_t job);
void world_free(struct world *w);

/* effects.c: what a job that ends does to the repository, and what that adds to its outcome. */
void world_effect(struct world *w, uint32_t job, struct outcome *o);

#endif
