/* SPDX-License-Identifier: Apache-2.0 */
/* An engine without loop and keeper, whose tree stands where a test wants it. A failure ends the
 * test. */
#ifndef KELP_TESTS_ENGINE_WORLD_H
#define KELP_TESTS_ENGINE_WORLD_H

#include "engine/engine_priv.h"

struct world {
    char *dir; /* the run's folder: a temporary one, removed by world_end */
    struct arena arena;
    struct log log; /* silent */
    struct engine e;
};

/* A run of the plan, in YAML, in a repository "/repo"; nothing has happened to it yet. `environ`
 * may be NULL: none. */
void world_begin(struct world *w, const char *plan, const char *const *environ);
/* The same, but the subtasks are left out, and that driver is asked to plan. */
void world_begin_planned_by(struct world *w, const char *plan, const char *planner);
void world_end(struct world *w);

/* Lets everything end well until a job of this kind is asked for; that one is left and returned. */
uint32_t world_until(struct world *w, enum job_kind kind);
/* The job that was left last ends like that. */
void world_end_job(struct world *w, uint32_t job, struct outcome outcome);
/* Writes a file below the run's folder and makes its folders; returns its path, in the arena. */
const char *world_write(struct world *w, const char *name, const char *content, size_t length);
/* `path` without the run's folder in front: "RUN/attempts/...". In the arena; takes `path`. */
const char *world_short(struct world *w, char *path);

#endif
