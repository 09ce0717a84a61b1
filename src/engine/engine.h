/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries out what the tree asks for and writes down what happened. There is no rule of
 * orchestration in here: events go into the journal and the tree, commands come out, and each
 * command ends in an event.
 *
 *     engine_new (replays the journal) -> engine_post(...) -> engine_run -> engine_free
 *
 * One turn of the loop: collect events; append them to the journal and apply them; commit; carry
 * out the commands that followed; send what is queued for the keeper; sleep.
 */
#ifndef KELP_ENGINE_ENGINE_H
#define KELP_ENGINE_ENGINE_H

#include "agent/roster.h"
#include "base/log.h"
#include "core/tree.h"
#include "journal/journal.h"
#include "plan/config.h"

struct engine;

/* What an agent that a model drives is doing just now, as its output says. Plain data, for the call
 * only. Secrets are overwritten in it. */
struct activity {
    const char *text; /* "Edit src/main.c"; why it waits, where it is limited; one line */
    int64_t tokens;   /* of this attempt so far; 0: not told yet */
    bool limited;     /* it waits for its provider, by itself */
};

/* What the layers below do for the engine. All but `planner`, `confirm` and `report` may be NULL.
 */
struct engine_hooks {
    void *ctx;
    /* After an event was committed and applied. */
    void (*event)(void *ctx, const struct tree *t, const struct event *e);
    /* What a running agent does has changed; at most a few times a second for each. */
    void (*activity)(void *ctx, const struct tree *t, uint32_t job, const struct activity *a);
    /* A few times a second. */
    void (*tick)(void *ctx, const struct tree *t, int64_t now_ms);
    /* The plan for a free text, made after research, and its notes; both live in `arena`. */
    int (*planner)(void *ctx, const struct tree *t, struct arena *arena, struct outcome *ret,
                   struct fault *f);
    /* The decision is made; 1 to go on, 0 not to. May ask somebody. */
    int (*confirm)(void *ctx, const struct tree *t, struct fault *f);
    /* Writes the reports. */
    int (*report)(void *ctx, const struct tree *t, struct fault *f);
};

/* Borrowed; must live as long as the engine. */
struct engine_options {
    const char *repo;    /* the user's working tree, or the folder where there is no repository */
    const char *run_dir; /* .kelp/runs/ORG_n */
    const char *keeper;  /* program; NULL: found beside kelp */
    const char *worker;  /* program kelp-worker */
    const char *relay;   /* program kelp-relay */
    const char *recipes; /* folder */
    const struct roster *roster; /* the agents of this machine; NULL: only commands run */
    const struct config *config; /* what the user says of drivers and prices; NULL: nothing */
    struct strings environment;  /* names that reach agents, beyond the allow list */
    const char *const *environ;  /* the environment to take them from */
    bool sandbox;                /* the kernel can enforce one */
    bool contain;                /* false: neither sandbox nor control groups (benchmarks) */
    uint64_t output_max_bytes;   /* of each of an attempt's two files; 0: no bound */
    int64_t grace_ms;            /* between TERM and KILL; 0: 10 s */
    struct log *log;
    struct engine_hooks hooks;
};

/* Replays what is in the journal. `j` stays the caller's and must be open for writing. */
int engine_new(const struct engine_options *options, struct journal *j, struct engine **ret,
               struct fault *f) MUST_CHECK;
void engine_free(struct engine *e);
const struct tree *engine_tree(const struct engine *e);
/* It replayed a recording of a run that had not ended, and stopped by itself where that stops. */
bool engine_has_played(const struct engine *e);
/* Queues an event; what it points to must live until engine_run returns. */
void engine_post(struct engine *e, const struct event *event);
/* Runs until the run has ended, or nothing runs any more after an interruption. A fault means that
 * the engine could not go on; the run stands as the journal says and can be resumed. */
int engine_run(struct engine *e, struct fault *f) MUST_CHECK;

#endif
