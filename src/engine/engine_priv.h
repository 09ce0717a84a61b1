/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the engine:
 *
 *     engine.c        the loop
 *     launch.c        a job becomes an attempt of the keeper, and its reports become events
 *     redo.c          what the machine failed is carried out again
 *     keep.c          the connection to the keeper
 *     internal.c      jobs without a process
 *
 *     start.c         what surrounds every attempt: environment, sandbox, files
 *     command.c       an attempt of a command of the plan
 *     git_job.c       ... of the git worker
 *     agent_start.c   ... of an agent that a model drives (agent.h)
 *     agent_prompt.c  what that one is told
 *     agent_files.c   what its driver wants to be there
 *     planner.c       the model that plans
 *
 *     result.c        what a command or an agent left becomes an outcome
 *     git_result.c    ... what the worker answered
 *     agent_result.c  ... what an agent's program printed, on its way through stream.c
 *     ending.c        ... of agents that a model drove, off the loop
 *     redact.c        secrets leave what is kept
 *     homes.c         private homes: secrets, and what is left over
 *
 *     follow.c        what running agents do, for display
 *     stall.c         who is silent for too long
 *     admission.c     how many agents the machine bears
 *     requests.c      what agents ask of the engine
 *     context.c       what agents may read
 *     variables.c     what stands for {{...}}
 *     paths.c         where things lie
 *     environment.c   what of the user's environment passes
 */
#ifndef KELP_ENGINE_ENGINE_PRIV_H
#define KELP_ENGINE_ENGINE_PRIV_H

#include "base/json.h"
#include "engine/engine.h"
#include "process/keeper.h"
#include "process/usage.h"

#include <uv.h>

struct ending;
struct followed;
struct roles;

/* Events that wait for their turn, with what they point to. */
struct batch {
    VECTOR(struct event) events;
    struct arena arena;
};

/* How often a job was carried out again: in all, and of these in the life of this engine. */
struct tries {
    uint32_t count, fresh;
};

/* A job that may not be silent for ever. */
struct watched {
    uint32_t job;
    pid_t pid;
    bool idles;                /* a model's program, which is never quite still while it waits */
    int64_t limit_ms, life_ms; /* when it last showed life */
    int64_t look_ms;           /* when it was last looked at */
    struct usage used;         /* at the last look, all its processes together */
    int64_t output;            /* bytes in its two files, whoever wrote them */
};

struct engine {
    struct engine_options options;
    struct tree *tree;
    struct journal *journal;
    struct keeper *keeper;
    struct clock clock;
    struct arena plans; /* plans live as long as the tree */
    struct batch next;
    struct commands commands;
    VECTOR(uint32_t) waiting; /* worker jobs that wait for their turn */
    size_t waiting_first;
    VECTOR(bool) active; /* [job]: a worker job that holds one of the places */
    uint32_t workers, workers_max;
    VECTOR(uint32_t) held_back; /* jobs that a recording does not have (replay.h) */
    VECTOR(struct tries) tries; /* [job]: see redo.h */
    int64_t opened_ms;          /* when this engine began */
    VECTOR(struct watched) watched;
    VECTOR(struct followed *) followed; /* [job]: NULL where its output is not followed */
    struct ending *endings;             /* of agents whose output is being read; a list */
    struct followed *grown;             /* of these, what has to be read; a list */
    uint32_t followed_count;
    char **base_env; /* NULL-terminated: what passes to every agent */
    size_t base_env_count;
    struct strings cache_env; /* where package managers may write, for sandboxed agents */
    const char *findings;     /* of the research, as prompts have them; NULL: not read yet */
    struct roles *roles;      /* of the repository; NULL: not read yet */
    struct arena arena;       /* of the engine's own life */
    uv_loop_t loop;
    uv_prepare_t prepare;
    uv_poll_t *poll; /* of the connection to the keeper; NULL without one */
    uv_pipe_t requests;
    size_t requests_open; /* connections of agents */
    uv_timer_t stall_timer, tick_timer, follow_timer, admission_timer;
    struct admission admission;
    uv_signal_t signals[4];
    bool ended, failed;
    bool played; /* see engine_has_played */
    unsigned interrupts;
    struct fault fault;
};

/* paths.c; the caller frees. Folders end without a slash. */
char *path_attempt(const struct engine *e, uint32_t job);
/* "ORG_1001.1/w1.I1.a1.j12": what the job is called however often it is carried out. */
char *job_name(const struct engine *e, uint32_t job);
/* Its identity for the keeper: its name, and from the second try on which try it is. */
char *job_identity(const struct engine *e, uint32_t job);
/* JOB_NONE for what is no identity. */
uint32_t job_of_identity(const char *id);
char *path_clone(const struct engine *e, uint32_t orch);
char *path_agent_copy(const struct engine *e, uint32_t orch, uint32_t agent);
/* The private home of the instance that an agent's job belongs to. */
char *path_home(const struct engine *e, const struct job *j);
char *path_verify(const struct engine *e, uint32_t orch);
char *path_snapshot(const struct engine *e);
char *path_in_run(const struct engine *e, const char *name);
/* Where the command of a job runs. */
char *path_work(const struct engine *e, const struct job *j);
/* Branch of an orchestrator: "kelp/ORG_1001.1". */
char *branch_name(const struct engine *e, uint32_t orch);

/* engine.c */
/* Queues an event for the next turn; what it points to lives in engine_arena. */
void engine_queue(struct engine *e, struct event event);
struct arena *engine_arena(struct engine *e);
/* Ends a job that has no process. The outcome is copied, its strings are not. */
void engine_end_job(struct engine *e, uint32_t job, struct outcome outcome);
void engine_fail_job(struct engine *e, uint32_t job, const struct fault *f);
/* The engine can't go on; the run can be resumed. Takes the fault. */
void engine_give_up(struct engine *e, struct fault *f);

/* launch.c */
void launch_job(struct engine *e, uint32_t job);
/* One that has its place already. */
void launch_again(struct engine *e, uint32_t job);
void launch_stop(struct engine *e, uint32_t job);
void launch_keeper_event(void *ctx, const struct keeper_event *ev);
/* Every job that the world was asked and that has not ended: for a keeper that is new. */
void launch_outstanding(struct engine *e);

/* environment.c: once there is a plan; a second call does nothing. */
void environment_init(struct engine *e);
/* A variable by which a program knows that it was started by an agent. */
bool environment_is_marker(const char *name);
/* "NAME=value" of the allow list. */
bool environment_is_passed(const char *entry);

/* keep.c: the connection to the keeper. */
int keep_open(struct engine *e, struct fault *f) MUST_CHECK;
/* Detaches; the keeper and its attempts go on. */
void keep_close(struct engine *e);
/* Sends and reads without waiting; replaces a keeper that died. */
void keep_pump(struct engine *e);

/* requests.c: what agents ask. */
int requests_open(struct engine *e, struct fault *f) MUST_CHECK;
void requests_close(struct engine *e);
/* Closes a pipe of the loop: the listening one, or a connection with what belongs to it. */
void requests_end(struct engine *e, uv_handle_t *pipe);

/* stall.c */
void stall_watch(struct engine *e, uint32_t job, const struct keeper_event *ev);
void stall_forget(struct engine *e, uint32_t job);
void stall_check(struct engine *e);
/* What one look at it means; true: it has been silent for longer than it may, and is so again only
 * after as long a time. */
bool stall_judge(struct watched *w, const struct usage *used, int64_t output, int64_t now_ms);
/* How often those must be looked at of which the most impatient may be silent for `limit_ms`. */
int64_t stall_interval_ms(int64_t limit_ms);

/* agent_start.c: whether a model drives what a job starts. */
bool agent_is_driven(const struct engine *e, uint32_t job);

/* command.c, agent_start.c, git_job.c: what to start; everything in `spec` lives in the arena. */
int command_spec(struct engine *e, uint32_t job, struct arena *a, struct keeper_spec *spec,
                 struct fault *f) MUST_CHECK;
/* Its prompt and the driver's files are there when this returns. */
int agent_spec(struct engine *e, uint32_t job, struct arena *a, struct keeper_spec *spec,
               struct fault *f) MUST_CHECK;
int git_job_spec(struct engine *e, uint32_t job, struct arena *a, struct keeper_spec *spec,
                 struct fault *f) MUST_CHECK;

/* variables.c: a prompt or, where values become words of the shell, a command of a job. */
struct expansion {
    const struct job *job;
    const char *text;
    bool command;
};
int variables_expand(struct engine *e, const struct expansion *x, struct text *out,
                     struct fault *f) MUST_CHECK;
/* The item (or items, one a line) of an agent or a unit; "" without. */
const char *variables_item(const struct engine *e, const struct job *j, struct arena *a);

/* result.c, git_result.c: how it ended. `a` is the event's arena. */
void result_read(struct engine *e, uint32_t job, const struct keeper_event *ev, struct arena *a,
                 struct outcome *ret);
void git_result_read(struct engine *e, uint32_t job, const struct keeper_event *ev, struct arena *a,
                     struct outcome *ret);
/* What the worker answered to a job that it has done. */
void git_answer_read(const struct engine *e, const struct job *j, const json_t *answer,
                     struct arena *a, struct outcome *ret);
/* "exit status 3: last line of what it said"; in the arena. */
const char *result_trouble(const char *dir, const struct keeper_event *ev, struct arena *a);
/* The last line of a file that is not blank, cut to what fits a line; "" if there is none. */
const char *result_last_line(const char *path, struct arena *a);

/* Only what the keeper saw of its end. */
void result_read_facts(struct engine *e, uint32_t job, const struct keeper_event *ev,
                       struct arena *a, struct outcome *ret);
/* The result file in `dir`, where there is one: its claim wins over what is in `ret`. */
void result_read_file(struct engine *e, uint32_t job, const char *dir, struct arena *a,
                      struct outcome *ret);
/* What a result file claims; FAULT_FORMAT, with the place in `path`, where it is none. What it may
 * hold beyond is ignored. */
int result_read_claims(const json_t *result, const char *path, struct arena *a, struct outcome *ret,
                       struct fault *f) MUST_CHECK;
/* agent_result.c */
void agent_result_read(struct engine *e, uint32_t job, const struct keeper_event *ev,
                       struct arena *a, struct outcome *ret);

/* context.c */
void context_result(struct engine *e, uint32_t job, const char *result_file);
int context_findings(struct engine *e, struct fault *f) MUST_CHECK;

/* internal.c */
void internal_job(struct engine *e, uint32_t job);

#endif
