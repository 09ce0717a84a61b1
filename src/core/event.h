/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened. Events are all that the tree knows; they are journalled before anything acts on
 * them, and the same events give the same tree. Everything here is plain data: pointers are
 * borrowed for the call, the tree copies what it keeps.
 */
#ifndef KELP_CORE_EVENT_H
#define KELP_CORE_EVENT_H

#include "core/admission.h"
#include "core/estimate.h"
#include "core/plan.h"
#include "core/scale.h"
#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>

#define EVENT_KINDS(X)                                                                     \
    X(RUN_REQUESTED, "run_requested")     /* request */                                    \
    X(JOB_STARTED, "job_started")         /* job */                                        \
    X(JOB_ENDED, "job_ended")             /* job, outcome */                               \
    X(TIMER, "timer")                     /* timer */                                      \
    X(STALLED, "stalled")                 /* job: silent for longer than its `stall` */    \
    X(OVERDRAWN, "overdrawn")             /* job, outcome.tokens: used so far, too many */ \
    X(INTERRUPTED, "interrupted")         /* level */                                      \
    X(RESUMED, "resumed")                 /* an engine took the run over */                \
    X(RETRY_REQUESTED, "retry_requested") /* child: index of the orchestrator */           \
    X(LAND_REQUESTED, "land_requested")                                                    \
    X(CHILD_REQUESTED, "child_requested") /* outcome.plan: its subtasks become children */ \
    X(ADMISSION, "admission")             /* admission: what the machine bears now */

enum event_kind {
#define EVENT_KIND_ENUM(name, word) EVENT_##name,
    EVENT_KINDS(EVENT_KIND_ENUM)
#undef EVENT_KIND_ENUM
        EVENT_KIND_COUNT
};

enum interrupt_level {
    INTERRUPT_DRAIN = 1, /* nothing new starts; what runs may end; the run can be resumed */
    INTERRUPT_STOP = 2,  /* what runs is stopped, to run again when the run is resumed */
    INTERRUPT_FINAL = 3, /* everything that has not ended is cancelled and the run ends */
};

enum pattern_choice { PATTERN_AUTO, PATTERN_META, PATTERN_WAVES };

/* What the machine can bear and what the user's thresholds are: fixed when the run starts, so
 * that a resumed run decides as the first did. */
struct run_settings {
    uint32_t slots;       /* agents that may run at once; 0: no limit */
    uint32_t slots_asked; /* what the user asked for, 0: nothing */
    uint32_t retry_min;   /* retries the run may spend in any case */
    double retry_share;   /* of its agents, e.g. 0.1 */
    uint32_t min_subtasks, min_steps;
    double min_minutes, min_speedup, coordination_minutes;
    enum pattern_choice pattern;
    double default_stall_minutes; /* for agents that a model drives */
    struct scale_machine machine; /* what it was at the start */
};

/* `kelp run`, as it was understood. */
struct run_request {
    uint32_t number;         /* of the root: ORG_number */
    const struct plan *plan; /* the plan, or only its research and settings */
    bool planned;            /* the subtasks are there; else they are planned */
    const char *planner;     /* the driver that is asked to plan; "": the embedded planner plans */
    const char *replay;      /* folder of a recording that is played instead of agents; "": none */
    bool base_worktree;      /* uncommitted changes are part of the base; lands as a branch */
    bool leave_large;        /* the backup does without very large untracked files */
    bool in_repository;      /* false only in the simulator's smallest worlds */
    const char *head;        /* commit at the start; "" on an unborn branch */
    const char *branch;      /* checked out at the start; "" when detached */
    const char *upstream;    /* of the branch at the start; "" */
    const char *remote;      /* that it is pushed to; "" */
    int64_t ahead;           /* commits of the branch that its upstream did not have */
    struct run_settings settings;
    const struct history *history; /* of earlier runs; NULL: nothing is known */
};

enum claim { CLAIM_NONE, CLAIM_OK, CLAIM_FAILED, CLAIM_BLOCKED };

struct metric {
    const char *name;
    double value;
};

struct metrics {
    const struct metric *at;
    size_t count;
};

/* Tokens of a model, by how they are charged. */
struct token_counts {
    int64_t input;     /* read anew */
    int64_t cached;    /* read from the provider's cache, or written to it */
    int64_t output;    /* reasoning included */
    int64_t reasoning; /* of the output, where it is told */
};

/* What a session has used from its beginning. */
struct session_use {
    struct token_counts tokens;
    double usd; /* below 0: unknown */
};

/* How an attempt's session began (core/session.h). */
enum session_way { SESSION_FRESH, SESSION_RESUMED, SESSION_HANDOVER };

/* One branch in the answer to a merge; `orch` is the index of the child. */
struct branch_outcome {
    uint32_t orch;
    bool merged;
    struct strings paths; /* in conflict, when it was not merged */
};

/* Two branches that conflict, as indexes of children, a < b. */
struct branch_pair {
    uint32_t a, b;
    struct strings paths;
};

/*
 * How a job ended. `error` is ERROR_NONE for success. Which further fields count depends on the
 * job's kind; the others are zero. A NULL string means "none".
 */
struct outcome {
    enum attempt_error error;
    int32_t exit_code; /* of the process; -1 when it ended by a signal or there was none */
    int32_t signal;
    const char *message; /* why it failed, for people */

    /* AGENT: what it says (a claim) ... */
    enum claim claim;
    const char *summary;
    struct metrics metrics;
    struct strings follow_up;
    uint32_t findings;
    /* ... and what was observed (facts). */
    bool worked; /* a model-driven agent used a tool or printed something */
    int64_t cpu_us;
    int64_t max_rss_kib;
    int64_t tokens; /* input, cached and output together */
    struct token_counts counts;
    double usd;                   /* below 0: unknown */
    int64_t retry_after_ms;       /* from the provider; 0: not said */
    const char *model;            /* that answered */
    const char *session;          /* by which a later attempt can go on */
    enum session_way session_way; /* as it was chosen when it was started */
    int64_t context_tokens;       /* that its last request held; 0: not known */
    int64_t context_window;       /* that fit in; 0: not known */
    uint32_t tool_calls;          /* of a model-driven agent, carried out */

    /* git */
    const char *commit;    /* BACKUP: the base. COPY, SETTLE, MERGE, FETCH, LAND: where it is now */
    const char *reference; /* BACKUP: the backup commit. LAND, PUSH: branch or remote. DISCARD: the
                              bundle */
    bool yes;     /* CONFIRM, LAND (landed), PUSH (pushed), BACKUP (dirty), SETTLE (clean) */
    bool skipped; /* LAND, PUSH: it was not due; `message` says why */
    uint32_t commits, files, insertions, deletions;
    struct strings
        paths; /* SETTLE: out of scope or in conflict; EXPAND: the items; LAND: in the way */
    const struct branch_outcome *branches; /* MERGE */
    size_t branch_count;
    const struct branch_pair *pairs; /* CONSOLIDATE */
    size_t pair_count;
    struct metrics measures; /* MEASURE */

    const struct plan *plan; /* PLAN */
    struct strings notes;    /* PLAN: how the planner sized what it planned */
};

struct event {
    enum event_kind kind;
    int64_t at_ms;
    uint32_t job;   /* JOB_*, STALLED */
    uint32_t timer; /* TIMER */
    uint32_t child; /* RETRY_REQUESTED, CHILD_REQUESTED (the orchestrator that asks) */
    enum interrupt_level level;
    struct admission_level admission;
    const struct run_request *request;
    const struct outcome *outcome;
};

const char *event_kind_name(enum event_kind kind);
/* What the run estimates with; `known` may be NULL. */
struct estimate_options request_estimates(const struct run_request *r,
                                          const struct fan_known *known);

#endif
