/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job is one thing that the tree asks of the world and that ends in exactly one event.
 * Its number follows from the events before it, so that after a crash the same job has the same
 * number, and carrying it out a second time is harmless.
 */
#ifndef KELP_CORE_JOB_H
#define KELP_CORE_JOB_H

#include <stdint.h>

/* How the world carries a job out. */
enum job_way {
    JOB_WAY_INTERNAL, /* inside the engine: no process */
    JOB_WAY_WORKER,   /* one run of the git worker */
    JOB_WAY_COMMAND,  /* a command of the plan's */
    JOB_WAY_AGENT,    /* an attempt of an agent */
};

/* name, way, word */
#define JOB_KINDS(X)                                                                              \
    X(SNAPSHOT, WORKER, "snapshot") /* the throw-away copy for research */                        \
    X(AGENT, AGENT, "agent")        /* an attempt */                                              \
    X(BACKUP, WORKER, "backup")                                                                   \
    X(PLANNER, AGENT, "planner") /* a model is asked to plan; it is no agent of the root's */     \
    X(PLAN, INTERNAL, "plan")    /* kelp's own planner */                                         \
    X(EXPAND, COMMAND, "expand") /* the items of a `for_each` */                                  \
    X(CONFIRM, INTERNAL, "confirm")                                                               \
    X(COPY, WORKER, "copy") /* a private clone, of an orchestrator or an agent */                 \
    X(SETUP, COMMAND, "setup")                                                                    \
    X(RESET, WORKER, "reset")   /* a copy back to where its step began */                         \
    X(SETTLE, WORKER, "settle") /* commit what is there */                                        \
    X(JOIN, WORKER, "join")     /* merge an agent's commits into its orchestrator's */            \
    X(CHECK, COMMAND, "check")                                                                    \
    X(ON_FAILURE, COMMAND, "on_failure")                                                          \
    X(MEASURE, WORKER, "measure")                                                                 \
    X(CLEANUP, COMMAND, "cleanup")                                                                \
    X(FETCH, WORKER, "fetch")             /* a clone's branch into the user's repository */       \
    X(CONSOLIDATE, WORKER, "consolidate") /* which branches conflict */                           \
    X(MERGE, WORKER, "merge")                                                                     \
    X(VERIFY_COPY, WORKER, "verify_copy") /* a clone of the result, for a child's final checks */ \
    X(VERIFY_SETUP, COMMAND, "verify_setup")                                                      \
    X(FINAL_CHECK, COMMAND, "final_check")                                                        \
    X(LAND, WORKER, "land")                                                                       \
    X(PUSH, WORKER, "push")                                                                       \
    X(DISCARD, WORKER, "discard") /* a clone that is not needed any more */                       \
    X(REPORT, INTERNAL, "report")

enum job_kind {
#define JOB_KIND_ENUM(name, way, word) JOB_##name,
    JOB_KINDS(JOB_KIND_ENUM)
#undef JOB_KIND_ENUM
        JOB_KIND_COUNT
};

enum job_state {
    JOB_HELD,      /* wanted, but nothing starts now */
    JOB_REQUESTED, /* the world was asked */
    JOB_RUNNING,   /* the world said that it started */
    JOB_ENDED
};

/* How long a command of the plan that is no agent may still take once the run's time is over or the
 * run was cancelled: setup and checks, and what repairs (on_failure, cleanup). */
enum { LATE_CHECK_MS = 60 * 1000, LATE_REPAIR_MS = 10 * 60 * 1000 };

enum {
    JOB_NONE = UINT32_MAX,
    TIMER_NONE = UINT32_MAX,
    AGENT_NONE = UINT32_MAX,
    ORCH_NONE = UINT32_MAX
};

/* Why the world was asked to stop a job. */
enum job_stop {
    STOP_NO,
    STOP_TIME_LIMIT,
    STOP_STALLED,
    STOP_INTERRUPT,
    STOP_CANCEL,
    STOP_OVERDRAWN
};

/* Plain data. */
struct job {
    uint8_t kind;     /* enum job_kind */
    uint8_t state;    /* enum job_state */
    uint8_t stop;     /* enum job_stop */
    uint32_t attempt; /* AGENT, PLANNER: 1.. */
    uint32_t orch;    /* index into the tree's orchestrators */
    uint32_t agent;   /* index into the orchestrator's agents, or AGENT_NONE */
    uint32_t index;   /* which one: of the commands, checks, units or branches; by kind */
    uint32_t timer;   /* its time limit, or TIMER_NONE */
    int64_t started_ms;
};

const char *job_kind_name(enum job_kind kind);
enum job_way job_kind_way(enum job_kind kind);

#endif
