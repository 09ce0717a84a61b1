/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The orchestration, as a pure function: tree_apply() takes an event, changes the tree and
 * appends the commands that follow. No I/O, no clock, no randomness: the same events give the same
 * tree, to the byte (tree_dump), and the same commands. Everything else kelp does (recovery,
 * simulation, display, report) is this function read in different ways.
 *
 *     tree_new -> tree_apply(RUN_REQUESTED) -> tree_apply(...)* -> tree_free
 *
 * The structs are plain data that everybody may read and only the tree writes.
 */
#ifndef KELP_CORE_TREE_H
#define KELP_CORE_TREE_H

#include "base/arena.h"
#include "base/text.h"
#include "base/vector.h"
#include "core/decide.h"
#include "core/event.h"
#include "core/exec_id.h"
#include "core/bisect.h"
#include "core/budget.h"
#include "core/job.h"
#include "core/pool.h"
#include "core/stepdown.h"

/* The phases of a run, in order. */
#define RUN_PHASES(X)             \
    X(NEW, "new")                 \
    X(SNAPSHOT, "snapshot")       \
    X(RESEARCH, "research")       \
    X(BACKUP, "backup")           \
    X(PLAN, "plan")               \
    X(EXPAND, "expand")           \
    X(CONFIRM, "confirm")         \
    X(EXECUTE, "execute")         \
    X(CONSOLIDATE, "consolidate") \
    X(MERGE, "merge")             \
    X(VERIFY, "verify")           \
    X(CLEANUP, "cleanup")         \
    X(LAND, "land")               \
    X(PUSH, "push")               \
    X(DISCARD, "discard")         \
    X(REPORT, "report")           \
    X(ENDED, "ended")

enum run_phase {
#define RUN_PHASE_ENUM(name, word) RUN_##name,
    RUN_PHASES(RUN_PHASE_ENUM)
#undef RUN_PHASE_ENUM
        RUN_PHASE_COUNT
};

enum run_status {
    RUN_STATUS_NONE,
    RUN_STATUS_DONE,
    RUN_STATUS_PARTIAL,
    RUN_STATUS_FAILED,
    RUN_STATUS_CANCELLED
};

/* What a cleanup orchestrator does, in order. */
enum cleanup_stage {
    CLEANUP_COPY,   /* the root's cleanup: a clone of the result */
    CLEANUP_BEFORE, /* measure */
    CLEANUP_COMMANDS,
    CLEANUP_SETTLE, /* commit what they changed */
    CLEANUP_NESTED, /* the root's cleanup: its own cleanup */
    CLEANUP_AFTER,  /* measure */
    CLEANUP_FETCH,  /* the root's cleanup: the result, cleaned, on the run's branch */
    CLEANUP_OVER,
};

enum orch_kind { ORCH_ROOT, ORCH_CHILD, ORCH_CLEANUP };

#define ORCH_STATES(X)                                          \
    X(WAITING, "waiting")   /* nothing of it has started */     \
    X(WORKING, "working")   /* its waves */                     \
    X(CHECKING, "checking") /* its success checks */            \
    X(UNDOING, "undoing")   /* on_failure */                    \
    X(CLEANING, "cleaning") /* its cleanup orchestrator runs */ \
    X(FETCHING, "fetching") /* its branch is brought home */    \
    X(ENDED, "ended")

enum orch_state {
#define ORCH_STATE_ENUM(name, word) ORCH_STATE_##name,
    ORCH_STATES(ORCH_STATE_ENUM)
#undef ORCH_STATE_ENUM
        ORCH_STATE_COUNT
};

#define AGENT_STATES(X)                                                                   \
    X(WAITING, "waiting") /* for what it needs */                                         \
    X(READY, "ready")     /* what it needs is there; waits for a slot */                  \
    X(COPYING, "copying") /* its copy, or its orchestrator's, is being made */            \
    X(SETTING_UP, "setting up")                                                           \
    X(RUNNING, "running")                                                                 \
    X(BACKOFF, "backoff")     /* waits before its next attempt */                         \
    X(RESETTING, "resetting") /* its copy goes back to where the step began */            \
    X(SETTLING, "settling")   /* what it left is committed */                             \
    X(JOINING, "joining")     /* its commits are merged into its orchestrator's branch */ \
    X(ENDED, "ended")

enum agent_state {
#define AGENT_STATE_ENUM(name, word) AGENT_STATE_##name,
    AGENT_STATES(AGENT_STATE_ENUM)
#undef AGENT_STATE_ENUM
        AGENT_STATE_COUNT
};

/* One start of an agent's program. */
struct attempt {
    uint32_t job;
    int64_t started_ms, ended_ms; /* 0: not yet */
    enum attempt_error error;
    int32_t exit_code, signal;
    int64_t cpu_us, max_rss_kib, tokens;
    struct token_counts counts;
    double usd;
    const char *message; /* "" */
    const char *model;   /* that answered; "" */
    const char *session; /* by which a later attempt can go on; "" */
    enum session_way session_way;
    int64_t context_tokens, context_window;
    uint32_t tool_calls;
    bool worked;    /* something of it was observed */
    bool continues; /* the session of the attempt before it, in the copy as that one left it */
    struct attempt *next;
};

/* What an agent left behind; allocated when there is something. */
struct agent_result {
    enum claim claim;
    const char *summary;
    struct metrics metrics;
    struct strings follow_up;
    uint32_t findings;
    struct strings out_of_scope;
    struct strings conflicts;
    const char *commit;
    uint32_t commits, files, insertions, deletions;
};

/* Where an agent works. */
enum agent_place {
    PLACE_SNAPSHOT, /* research: the throw-away copy */
    PLACE_REPO,     /* isolation none: the user's working tree */
    PLACE_SHARED,   /* its orchestrator's clone, beside agents that do not write either */
    PLACE_CLONE,    /* its orchestrator's clone, alone */
    PLACE_OWN,      /* a copy of its own, merged when it ends */
};

struct agent {
    uint32_t node;
    uint32_t ordinal; /* 0.. within its step */
    uint32_t item_first, item_count;
    uint32_t wave;     /* the wave it is shown in; 0 is research */
    uint32_t instance; /* I<instance> or R<instance> of its orchestrator */
    uint8_t state;     /* enum agent_state */
    uint8_t status;    /* enum end_status */
    uint8_t place;     /* enum agent_place */
    uint32_t attempts; /* rate limits bound them by nothing */
    bool reused;       /* the instance had this role before */
    bool holds_slot;
    bool prepared;  /* its copy is as it has to be: its next attempt can begin */
    bool continues; /* ... in the session of the last one, which its provider ended */
    uint32_t job;   /* what it waits for, or JOB_NONE */
    int64_t ready_ms, ended_ms;
    const char *start_commit; /* of the step in its copy; "" until known */
    struct attempt *first_attempt, *last_attempt;
    struct agent_result *result; /* NULL until there is one */
    struct budget_amount *held;  /* reserved for its attempt; NULL: nothing */
};

enum { UNIT_NONE = UINT32_MAX, STEP_BARRIER = UINT32_MAX };
enum { TREE_RESULT_NAME_MAX = EXEC_ID_TEXT_MAX + 32 };

/* An edge of an orchestrator's graph. Over a need, failure travels: the target is skipped. */
struct edge {
    uint32_t to;
    bool order_only;
};

/* A step of a unit, or a barrier that stands between two groups of them (core/work.h). */
struct node {
    uint32_t unit;                     /* UNIT_NONE: a research step */
    uint32_t step;                     /* index into the unit's steps, or STEP_BARRIER */
    uint32_t level;                    /* 1.. */
    uint32_t wave;                     /* it is shown in, while its fan-out is not known */
    uint32_t unmet;                    /* inputs that have not ended */
    uint32_t first_out, out_count;     /* into work.edges */
    uint32_t first_agent, agent_count; /* 0 agents until its fan-out is expanded */
    uint32_t agents_left;
    uint32_t batch; /* items for each agent */
    uint8_t place;  /* enum agent_place for its agents */
    bool blocked;   /* an input failed: its agents are skipped */
    bool failed, ended;
    bool uncounted;       /* a fan-out whose items are not known yet */
    bool expanding;       /* they are being counted */
    double tail;          /* minutes of the longest path from here */
    struct strings items; /* of its fan-out */
};

/* The waves of one orchestrator; allocated when it begins. */
struct work {
    VECTOR(struct node) nodes;
    VECTOR(struct edge) edges;
    VECTOR(struct agent) agents;
    VECTOR(uint32_t) released;  /* nodes whose inputs have all ended, to be started */
    VECTOR(uint32_t) unsettled; /* by level: agents whose changes are not committed yet */
    VECTOR(uint32_t) joining;   /* agents whose commits wait to be merged */
    bool join_active, pumping;
    uint32_t nodes_left;
    uint32_t levels, waves;
    struct pool *pool;
};

struct check_result {
    uint32_t unit, index;
    const char *run;
    int32_t exit_code;
    enum attempt_error error;
    bool final; /* on the consolidated result */
};

struct orch {
    struct exec_id id;
    uint8_t kind;                              /* enum orch_kind */
    uint8_t state;                             /* enum orch_state */
    uint8_t status;                            /* enum end_status */
    uint8_t generation;                        /* retries of the whole orchestrator: 0.. */
    uint8_t stage;                             /* of a cleanup: enum cleanup_stage */
    bool copy_wanted, copy_ready, copy_failed; /* its private clone */
    bool changed;   /* commands ran in its clone whose changes are not committed */
    bool unsettled; /* git failed or died when work in its clone was to be committed: that may be
                       committed there, or not */
    bool fetched;   /* its branch is in the user's repository */
    bool merged;    /* its branch is part of the result */
    bool discarded; /* its clone is gone, its commits are elsewhere */
    uint32_t parent;
    uint32_t unit_first, unit_count; /* what it works on */
    uint32_t step;                   /* which check or command of its present state is next */
    uint32_t users;                  /* agents inside its clone */
    uint32_t cleanup;                /* its cleanup orchestrator, or ORCH_NONE */
    int64_t started_ms, ended_ms;
    const char *commit; /* of its branch; "" until it has a copy */
    const char *reason; /* why it did not end as done; "" */
    uint32_t commits, files, insertions, deletions;
    struct work *work;                  /* NULL until it begins */
    struct metrics before, after;       /* a cleanup's measures */
    struct strings conflicts;           /* paths that kept it out of the result */
    uint32_t conflict_with;             /* orchestrator, or ORCH_NONE */
    VECTOR(struct check_result) checks; /* of a cleanup: its commands */
    VECTOR(struct check_result) undone; /* on_failure commands */
};

/* A subtask with its item: what a child works on. */
struct unit {
    uint32_t subtask; /* index into the plan's */
    const char *item; /* "" without a fan-out */
    const char *title;
    uint8_t status;     /* enum end_status; NONE while it can still end as done */
    const char *reason; /* why not done; "" */
};

#define TIMER_KINDS(X)                                              \
    X(BACKOFF)       /* an agent's next attempt */                  \
    X(ATTEMPT_LIMIT) /* an attempt has run for as long as it may */ \
    X(COMMAND_LIMIT) /* another command of the plan has */          \
    X(PROVIDER)      /* a pause of provider `orch` is over */       \
    X(RUN_LIMIT)

enum timer_kind {
#define TIMER_KIND_ENUM(name) TIMER_##name,
    TIMER_KINDS(TIMER_KIND_ENUM)
#undef TIMER_KIND_ENUM
};

struct timer {
    uint8_t kind; /* enum timer_kind */
    bool over;    /* fired, or of no interest any more */
    uint32_t orch, agent, job;
    int64_t at_ms;
};

enum command_kind {
    COMMAND_START, /* carry out job `job` */
    COMMAND_STOP,  /* stop job `job`: TERM, grace, KILL of all it started */
    COMMAND_TIMER, /* send EVENT_TIMER for `timer` at `at_ms` */
    COMMAND_END,   /* the run has ended */
};

struct command {
    enum command_kind kind;
    uint32_t job;
    uint32_t timer;
    int64_t at_ms;
};

struct commands {
    VECTOR(struct command) list;
};

/* An entry of the heap of what could start. `agent` is AGENT_NONE for an orchestrator that has not
 * begun: it costs nothing until it is granted a slot. */
struct ready {
    double tail;
    uint32_t orch, agent;
};

/* The longest tail first. */
struct ready_heap {
    struct ready *at;
    size_t count, capacity;
};

/* What the machine bears, and what of that is worth telling afterwards. */
struct tree_admission {
    struct admission_level now;
    struct admission_level lowest; /* that there was; limit 0: it was never bounded */
    int64_t since_ms;              /* of the present bound; 0: there is none */
    int64_t bounded_ms;            /* by bounds that are over */
};

/* Who serves the agents of one driver. */
struct provider {
    const char *name;
    struct aimd rate;
    uint32_t running;         /* agents that hold a slot */
    uint32_t pauses;          /* in a row, without a success between them */
    int64_t paused_until_ms;  /* 0: it is not */
    bool frozen;              /* nothing of it starts before the run is resumed */
    const char *trouble;      /* what it said when it was paused or frozen last; "" */
    struct ready_heap parked; /* agents that wait for it */
};

/* The model that is asked to plan: what was asked and what became of it. */
struct planner {
    struct attempt *first_attempt, *last_attempt;
    uint32_t attempts;
    uint32_t wrong;      /* answers that were no plan */
    bool waits;          /* for its provider, or for the run to be resumed */
    const char *gave_up; /* why kelp's own planner planned; "" */
};

/* One child whose checks run on the merged result. */
struct verify {
    uint32_t orch;
    uint32_t next; /* check */
    bool over;
};

/* Consolidation: candidates in ID order, and which of them are in. A round is a merge of those that
 * are in and the checks on it; a probe is a round of a bisection. */
struct merge_state {
    VECTOR(uint32_t) branches; /* orchestrators */
    VECTOR(bool) in;           /* same index */
    VECTOR(struct verify) verify;
    uint32_t round;
    const char *onto;   /* commit to start from */
    const char *commit; /* of this round */
    bool failed;        /* a check of this round failed: the first is below */
    uint32_t failed_orch, failed_check;
    bool failed_setup;         /* not the check, but what prepares its copy */
    const char *trouble;       /* why the machine could not run the checks; NULL: it could */
    struct bisect *bisect;     /* NULL: no probe */
    VECTOR(uint32_t) suspects; /* indexes into branches: what the bisection is about */
    VECTOR(bool) kept;         /* `in` as it was when the bisection began */
};

struct tree {
    struct arena arena; /* everything that is kept */
    struct run_request
        request;             /* deep copy but for the plan, which is borrowed for the tree's life */
    const struct plan *plan; /* with the subtasks that agents asked for, once it is made */
    struct run_settings settings;
    struct decision decision;
    enum run_phase phase;
    enum run_status status;
    uint8_t interrupt; /* enum interrupt_level, 0 none */
    bool final;        /* no agent starts any more; what has not ended is cancelled */
    bool over_limit;   /* because a limit of the run was reached */
    bool late;         /* the run's time is over, or it was cancelled */
    bool snapshot_ready;
    bool refused; /* the user said no at the confirmation */
    bool stuck;   /* interrupted by itself: nothing can go on without a frozen provider */
    int64_t started_ms, ended_ms, now_ms;
    int64_t idle_ms;  /* between an end and being taken up again */
    uint32_t running; /* agents that hold a slot */
    uint32_t agents_total, retries_spent;
    uint32_t outstanding;   /* jobs that the world was asked and that have not ended */
    uint32_t phase_jobs;    /* jobs of the present phase that have not ended */
    uint32_t children_left; /* children of the root that have not ended */
    int64_t tokens;         /* spent so far */
    struct token_counts counts;
    double usd;
    bool usd_unknown;    /* at least one attempt's price is not known */
    const char *failure; /* why the run could not go on; "" */
    const char *base, *backup;
    const char *commit;         /* of the run's branch; "" before the merge */
    const char *landed_head;    /* "" */
    const char *landed_on;      /* the branch; "" */
    const char *report_failure; /* "" */
    bool dirty;                 /* there were uncommitted changes at the start */
    bool landed, land_refused, pushed, push_refused;
    const char *land_reason, *push_reason, *remote;
    struct strings land_blocking;
    struct strings notes;
    struct planner planner;
    const char *plan_trouble;  /* what was wrong with the planner's last answer; "" */
    uint32_t root_cleanup;     /* orchestrator, or ORCH_NONE */
    VECTOR(struct orch) orchs; /* 0 is the root */
    VECTOR(struct unit) units;
    VECTOR(struct job) jobs;
    VECTOR(struct timer) timers;
    struct ready_heap ready;
    VECTOR(struct provider) providers;
    VECTOR(const struct plan_subtask *) requested; /* by agents of the research wave */
    struct strings *expanded;                      /* [subtask]: the items of its fan-out */
    struct merge_state *merge;                     /* consolidation; owned */
    struct stepdown stepdown;
    struct tree_admission admission;
    struct budget *budget; /* of tokens and money, begun anew when it is taken up again; owned */
    bool unit_accounts;    /* account 1 + u is that of unit u */
    bool land_asked;       /* by `kelp land`: it lands whatever the plan says */
    struct commands *out;  /* only during tree_apply */
};

struct tree *tree_new(void);
void tree_free(struct tree *t);
/* Changes the tree and appends what follows. An event that does not fit the state (an outcome of a
 * job that has ended, a timer that is over) changes nothing: such events are repeats. A plan in an
 * event must live as long as the tree. */
void tree_apply(struct tree *t, const struct event *e, struct commands *out);
/* Whether any job has been asked of the world and not ended. */
bool tree_busy(const struct tree *t);
/* Everything the tree knows, as text: two trees are equal if their dumps are. */
void tree_dump(const struct tree *t, struct text *out);
/* The same as one number: trees whose digests differ are not equal, and those whose digests are
 * equal are, but for one chance in 2^64. */
uint64_t tree_digest(const struct tree *t);

/* The exit status of `kelp run`: 0, 1 or 3 for a tree that has ended; 4 for one that stopped
 * because of a frozen provider; 130 when interrupted. */
int tree_exit_status(const struct tree *t);
const char *run_phase_name(enum run_phase phase);
const char *run_status_name(enum run_status status);
const char *orch_kind_name(enum orch_kind kind);
const char *orch_state_name(enum orch_state state);
const char *agent_state_name(enum agent_state state);

/* Look-ups for those who carry commands out or show the tree. */
const struct plan_step *tree_agent_step(const struct tree *t, const struct orch *o,
                                        const struct agent *a);
/* The subtask that a node belongs to; NULL for research. */
const struct plan_subtask *tree_node_subtask(const struct tree *t, const struct node *n);
/* The command of a CHECK, ON_FAILURE or CLEANUP job; *ret_unit is UNIT_NONE for the plan's own
 * cleanup. Final checks are those of a child whose orchestrator has ended (merge). */
const struct plan_command *tree_job_command(const struct tree *t, const struct job *j,
                                            uint32_t *ret_unit);
/* The settings that hold for a command or an agent. */
const struct plan_settings *tree_job_settings(const struct tree *t, const struct job *j);
/* The orchestrator whose clone a job of `orch` works in: for a child's cleanup the child. */
uint32_t tree_clone_owner(const struct tree *t, uint32_t orch);
/* Adds how long the agents took that were done after `since_ms`, in the order in which they ended;
 * of a fan-out, for one item. */
void tree_note_history(const struct tree *t, int64_t since_ms, struct history *h,
                       struct arena *arena);
/* Whether the clone of an orchestrator stays when the run ends: it has work that is not part of the
 * result, or may have some that an earlier life of the orchestrator left. */
bool tree_keeps_clone(const struct tree *t, uint32_t orch);
/* "R1", "I12"; "-" before it was placed. */
void tree_agent_name(const struct agent *a, char out[16]);
/*
 * The name of the file that holds an agent's result, "ORG_4729.1-w2-a3.json": it has the number
 * among all agents of its orchestrator, because an instance may work twice in one wave.
 */
void tree_result_name(const struct tree *t, uint32_t orch, uint32_t agent,
                      char out[TREE_RESULT_NAME_MAX]);
/* Milliseconds a model-driven or command agent may be silent; 0: for ever. */
int64_t tree_stall_ms(const struct tree *t, const struct plan_step *step);
/* The same for a job: an attempt of an agent, or the planner. */
int64_t tree_job_stall_ms(const struct tree *t, const struct job *j);
/* How many tokens are reserved for a running attempt; 0: they are not limited. One that has used
 * more is told with EVENT_OVERDRAWN: it gets more where there is some, or is stopped. */
int64_t tree_token_limit(const struct tree *t, const struct job *j);
/* Whether a node's agents may write: by the step, else by its subtask; research
 * is not asked to. */
bool tree_node_writes(const struct tree *t, const struct node *n);
/* Agents that could run if the machine bore more of them; 0 where it bounds nothing. */
size_t tree_admission_waiting(const struct tree *t);
/* Agents that wait for provider `i` to go on, and the planner if it does. */
size_t tree_provider_waiting(const struct tree *t, size_t i);

#endif
