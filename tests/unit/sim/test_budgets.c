/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of tokens in small worlds in which nothing goes wrong. */
#include "sim/play.h"

#include <criterion/criterion.h>

/* Every agent uses as many tokens. */
struct thrift {
    struct fate_source source;
    int64_t tokens;
};

static void draw(const struct fate_source *source, const struct errand *errand, uint32_t nth,
                 struct arena *arena, struct fate *ret)
{
    const struct thrift *t = (const struct thrift *)source;

    (void)nth;
    (void)arena;
    *ret =
        (struct fate){.runs_ms = 60000, .outcome = {.yes = true, .worked = true, .tool_calls = 1}};
    if (errand->job.kind == JOB_AGENT)
        ret->outcome.tokens = t->tokens;
}

struct seen {
    uint32_t most, attempts;
    enum run_status status;
};

static void look(void *context, const struct tree *tree, const struct world *world)
{
    struct seen *seen = context;

    seen->most = world->most_running;
    seen->status = tree->status;
    for (uint32_t i = 0; i < tree->jobs.count; i++)
        seen->attempts += tree->jobs.at[i].kind == JOB_AGENT;
}

enum { AGENTS = 6 };

/* Limits of the run, of the first subtask and of each agent; what each uses. 0: no limit. */
struct world_case {
    int64_t run, subtask, agent, used;
    struct seen expected;
    uint32_t slots; /* 0: any number */
};

static const struct plan_settings nothing_said = {.agent = "", .model = "", .base_url = ""};
static struct plan_wave wave = {.title = ""};

static void set_subtask(struct plan_subtask *s, struct plan_step *step, int64_t limit,
                        const struct world_case *c)
{
    *step = (struct plan_step){.id = "a",
                               .title = "a",
                               .role = "Fixer",
                               .prompt = "mend it",
                               .run = "",
                               .count = AGENTS / 2,
                               .level = 1,
                               .for_each = {.source = ""}};
    step->settings = nothing_said;
    step->settings.agent = "claude";
    step->settings.limits.tokens = c->agent ? c->agent : limit;
    *s = (struct plan_subtask){.id = "s",
                               .title = "s",
                               .context = "",
                               .mission = "",
                               .setup = "",
                               .settings = nothing_said,
                               .steps = step,
                               .step_count = 1,
                               .waves = &wave,
                               .wave_count = 1,
                               .for_each = {.source = ""}};
    s->settings.limits.tokens = limit;
}

static struct seen play_case(const struct world_case *c)
{
    struct plan_step steps[2];
    struct plan_subtask subtasks[2];
    struct plan plan = {
        .version = 1, .task = "", .setup = "", .file = "", .settings = nothing_said};
    struct seen seen = {0};
    struct thrift thrift = {.source = {draw}, .tokens = c->used};
    struct play_result r;

    plan.settings.limits.tokens = c->run;
    set_subtask(&subtasks[0], &steps[0], c->subtask ? c->subtask : c->run, c);
    set_subtask(&subtasks[1], &steps[1], c->run, c);
    plan.subtasks = subtasks;
    plan.subtask_count = 2;
    const struct sim_case scene = {.request = {.number = 1,
                                               .plan = &plan,
                                               .planned = true,
                                               .head = "",
                                               .branch = "",
                                               .settings = {.slots = c->slots}},
                                   .whole = &plan};
    struct play_options o = {.shape = {.seed = 1},
                             .scene = &scene,
                             .fates = &thrift.source,
                             .at_end = look,
                             .context = &seen};
    play(&o, &r);
    cr_expect_null(r.broken, "%s", r.why);
    play_result_free(&r);
    return seen;
}

Test(budgets, what_an_agent_may_use_is_reserved_before_it_starts)
{
    static const struct world_case cases[] = {
        /* Nothing is limited: all at once. */
        {0, 0, 0, 10, {6, 6, RUN_STATUS_DONE}, 0},
        /* A limit of the run alone is shared evenly: all at once. */
        {100, 0, 0, 10, {6, 6, RUN_STATUS_DONE}, 0},
        /* Two times 40 fit into 100, a third one waits; what is not used is returned. */
        {100, 0, 40, 10, {2, 6, RUN_STATUS_DONE}, 0},
        /* After two of them 30 are left, and nobody may start with less than 40. */
        {100, 0, 40, 35, {2, 2, RUN_STATUS_FAILED}, 0},
        /* One subtask's limit is none of the other's. */
        {0, 50, 40, 30, {4, 4, RUN_STATUS_PARTIAL}, 0},
        /* Shares that are overdrawn while nothing is left to add to them: they are stopped. */
        {100, 0, 0, 50, {6, 6, RUN_STATUS_FAILED}, 0},
        /* The first three get more than their share of 20, because it is there; the fourth finds
         * nothing and is stopped, and the others do not start. */
        {120, 0, 0, 30, {2, 4, RUN_STATUS_PARTIAL}, 2},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct seen seen = play_case(&cases[i]);
        cr_expect_eq(seen.most, cases[i].expected.most, "case %zu: %u at once", i, seen.most);
        cr_expect_eq(seen.attempts, cases[i].expected.attempts, "case %zu: %u attempts", i,
                     seen.attempts);
        cr_expect_eq(seen.status, cases[i].expected.status, "case %zu: %s", i,
                     run_status_name(seen.status));
    }
}
