/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "plan/source.h"
#include "plan/yaml.h"
#include "temp_dir.h"

#include <string.h>

static struct plan *read_plan(struct world *w, const char *text)
{
    AUTO_FAULT f = {0};
    struct plan *plan = NULL;
    const char *path = world_write(w, "plan.yaml", text, strlen(text));

    int r = plan_read_file(path, &w->arena, &plan, &f);
    cr_assert_eq(r, 0, "%s", f.message);
    return plan;
}

static void begin(struct world *w, const char *plan, const char *planner,
                  const char *const *environ)
{
    static const char *const none[] = {NULL};

    *w = (struct world){.dir = temp_dir_new()};
    w->e.tree = tree_new();
    w->e.options = (struct engine_options){.repo = "/repo",
                                           .run_dir = w->dir,
                                           .recipes = "/recipes",
                                           .environ = environ ? environ : none,
                                           .sandbox = true,
                                           .contain = true,
                                           .log = &w->log};
    clock_real_init(&w->e.clock);
    struct plan *read = read_plan(w, plan);
    if (*planner)
        read->subtask_count = 0;
    const struct run_request request = {.number = 4729,
                                        .plan = read,
                                        .planned = !*planner,
                                        .planner = planner,
                                        .in_repository = true,
                                        .head = "1111111111111111111111111111111111111111",
                                        .branch = "main",
                                        .upstream = "",
                                        .remote = "",
                                        .settings = {.slots = 8, .pattern = PATTERN_META}};
    tree_apply(w->e.tree,
               &(struct event){.kind = EVENT_RUN_REQUESTED, .at_ms = 1000, .request = &request},
               &w->e.commands);
}

void world_begin(struct world *w, const char *plan, const char *const *environ)
{
    begin(w, plan, "", environ);
}

void world_begin_planned_by(struct world *w, const char *plan, const char *planner)
{
    begin(w, plan, planner, NULL);
}

void world_end(struct world *w)
{
    tree_free(w->e.tree);
    vector_free(&w->e.commands.list);
    vector_free(&w->e.next.events);
    arena_free(&w->e.next.arena);
    arena_free(&w->e.arena);
    arena_free(&w->arena);
    temp_dir_remove(&w->dir);
}

void world_end_job(struct world *w, uint32_t job, struct outcome outcome)
{
    tree_apply(w->e.tree, &(struct event){.kind = EVENT_JOB_STARTED, .at_ms = 2000, .job = job},
               &w->e.commands);
    tree_apply(
        w->e.tree,
        &(struct event){.kind = EVENT_JOB_ENDED, .at_ms = 3000, .job = job, .outcome = &outcome},
        &w->e.commands);
}

static const struct outcome well = {
    .usd = -1, .worked = true, .yes = true, .commit = "2222222222222222222222222222222222222222"};

uint32_t world_until(struct world *w, enum job_kind kind)
{
    for (size_t i = 0; i < w->e.commands.list.count; i++) {
        struct command c = w->e.commands.list.at[i]; /* the list may move */
        if (c.kind != COMMAND_START || w->e.tree->jobs.at[c.job].state == JOB_ENDED)
            continue;
        if (w->e.tree->jobs.at[c.job].kind == kind)
            return c.job;
        world_end_job(w, c.job, well);
    }
    cr_assert_fail("no job '%s' was asked for; the run is in '%s'", job_kind_name(kind),
                   run_phase_name(w->e.tree->phase));
    return JOB_NONE;
}

const char *world_write(struct world *w, const char *name, const char *content, size_t length)
{
    const char *path = arena_format(&w->arena, "%s/%s", w->dir, name);
    AUTO_FREE char *folder = mem_string_n(path, (size_t)(strrchr(path, '/') - path));
    AUTO_FAULT f = {0};

    cr_assert_eq(os_make_dirs(folder, 0700, &f), 0, "%s", f.message);
    cr_assert_eq(os_write_file(path, content, length, 0600, &f), 0, "%s", f.message);
    return path;
}

const char *world_short(struct world *w, char *path)
{
    size_t length = strlen(w->dir);
    const char *shown = strncmp(path, w->dir, length) == 0
                            ? arena_format(&w->arena, "RUN%s", path + length)
                            : arena_string(&w->arena, path);

    free(path);
    return shown;
}
