/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job as the world carries it out: everything that it needs to know is written down when it is
 * asked for, because the engine may be dead when it ends.
 */
#ifndef KELP_SIM_ERRAND_H
#define KELP_SIM_ERRAND_H

#include "core/session.h"
#include "sim/repo.h"

/* Plain data; `branches` lives in the arena. */
struct errand {
    struct job job;
    int64_t asked_ms;       /* when the world first heard of it */
    struct exec_id id;      /* of its orchestrator */
    uint32_t generation;    /* of the child that it works for */
    struct copy_id copy;    /* where it works; orch ORCH_NONE: in no private copy */
    struct copy_id into;    /* JOIN */
    uint32_t subtask, step; /* AGENT: indexes into the plan; subtask UNIT_NONE: of its research */
    bool model;             /* an agent that a model drives */
    bool writes;
    bool continues;           /* the attempt before it, which its provider ended */
    enum session_way way;     /* AGENT of a model: how its session begins */
    const char *session;      /* that it resumes; "" */
    const char *role, *agent; /* AGENT: of its step */
    int64_t allowed;          /* tokens that are reserved for it; 0: any number */
    bool limited;             /* its time is limited, by attempt, run or stall */
    int64_t stall_ms;         /* 0: never */
    double minutes;           /* that the plan gives it; 0: none */
    const char *commit;       /* what it starts from: MERGE, LAND, the copy for the root's cleanup,
                                 what a final check looks at; "" */
    const uint32_t *branches; /* CONSOLIDATE, MERGE: orchestrators */
    size_t branch_count;
    const struct copy_id *keep; /* DISCARD: the copies that stay */
    size_t keep_count;
};

void errand_write(const struct tree *t, uint32_t job, struct arena *arena, struct errand *ret);
/* The same job of the same orchestrator, agent and attempt. */
bool errand_same(const struct errand *a, const struct errand *b);

#endif
