/* SPDX-License-Identifier: Apache-2.0 */
/* A provider that limits rates, beside one that does not. */
#include "sim/play.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MINUTE = 60000, AGENTS = 6 };

/* The first attempt of the first agent meets the limit; the server wants ten minutes. */
static void draw(const struct fate_source *source, const struct errand *errand, uint32_t nth,
                 struct arena *arena, struct fate *ret)
{
    (void)source;
    (void)arena;
    *ret =
        (struct fate){.runs_ms = MINUTE, .outcome = {.yes = true, .worked = true, .tool_calls = 1}};
    if (errand->job.kind != JOB_AGENT || errand->step || errand->job.agent || nth)
        return;
    ret->runs_ms = 1000;
    ret->outcome = (struct outcome){.error = ERROR_RATE_LIMIT, .retry_after_ms = 10 * MINUTE};
}

struct seen {
    int64_t first_ms, started_ms[2][AGENTS]; /* of the last attempt, by step */
    enum run_status status;
    size_t limit;
};

static void look(void *context, const struct tree *t, const struct world *world)
{
    struct seen *seen = context;
    const struct work *w = t->orchs.at[0].work;

    (void)world;
    seen->first_ms = t->started_ms;
    seen->status = t->status;
    for (size_t i = 0; i < w->agents.count; i++) {
        const struct agent *a = &w->agents.at[i];
        seen->started_ms[w->nodes.at[a->node].step][a->ordinal] = a->last_attempt->started_ms;
    }
    for (size_t i = 0; i < t->providers.count; i++)
        if (strcmp(t->providers.at[i].name, "claude") == 0)
            seen->limit = t->providers.at[i].rate.limit;
}

static struct plan_step step_of(const char *id, const char *agent)
{
    struct plan_step step = {.id = id,
                             .title = id,
                             .role = "Fixer",
                             .prompt = "mend it",
                             .run = "",
                             .count = AGENTS,
                             .level = 1,
                             .minutes = 1,
                             .for_each = {.source = ""}};

    step.settings = (struct plan_settings){.agent = agent, .model = "", .base_url = ""};
    return step;
}

static const struct plan_settings nothing_said = {.agent = "", .model = "", .base_url = ""};

Test(rates, a_limit_pauses_all_agents_of_a_provider_and_no_others)
{
    struct plan_step steps[] = {step_of("a", "claude"), step_of("b", "codex")};
    struct plan_wave wave = {.title = ""};
    struct plan_subtask subtask = {.id = "s",
                                   .title = "s",
                                   .context = "",
                                   .mission = "",
                                   .setup = "",
                                   .settings = nothing_said,
                                   .steps = steps,
                                   .step_count = 2,
                                   .waves = &wave,
                                   .wave_count = 1,
                                   .for_each = {.source = ""}};
    struct plan plan = {.version = 1,
                        .task = "",
                        .setup = "",
                        .file = "",
                        .settings = nothing_said,
                        .subtasks = &subtask,
                        .subtask_count = 1};
    const struct fate_source fates = {draw};
    const struct sim_case scene = {.request = {.number = 1,
                                               .plan = &plan,
                                               .planned = true,
                                               .head = "",
                                               .branch = "",
                                               .settings = {.slots = 4, .pattern = PATTERN_WAVES}},
                                   .whole = &plan};
    struct seen seen = {0};
    struct play_options o = {
        .shape = {.seed = 1}, .scene = &scene, .fates = &fates, .at_end = look, .context = &seen};
    struct play_result r;

    play(&o, &r);
    cr_expect_null(r.broken, "%s", r.why);
    cr_expect_eq(seen.status, RUN_STATUS_DONE);
    /* Four had slots, one of them met the limit; the last two and that one waited ten minutes. */
    cr_expect_geq(seen.started_ms[0][0] - seen.first_ms, 10 * MINUTE);
    cr_expect_geq(seen.started_ms[0][4] - seen.first_ms, 10 * MINUTE);
    cr_expect_geq(seen.started_ms[0][5] - seen.first_ms, 10 * MINUTE);
    for (size_t i = 0; i < AGENTS; i++)
        cr_expect_lt(seen.started_ms[1][i] - seen.first_ms, 10 * MINUTE, "agent %zu", i);
    /* Two at once after the pause; the successes have brought back the full number. */
    cr_expect_eq(seen.limit, 4);
    play_result_free(&r);
}
