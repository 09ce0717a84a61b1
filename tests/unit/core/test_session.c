/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session.h"

#include "make.h"

#include <criterion/criterion.h>
#include <string.h>

/* The steps of the plan below: what a row's agent does. */
enum { ANALYST, FIXER, FIXER_OF_CODEX, COMMAND, STEP_COUNT };

struct row {
    uint32_t step, instance, wave;
    int64_t ended_ms; /* 0: not yet */
    struct attempt attempts[3];
    size_t attempt_count;
};

struct scene {
    struct arena arena;
    struct tree *tree;
    struct work work;
};

static void set_up(struct scene *s, const struct row *rows, size_t count)
{
    struct plan *plan = make_plan(&s->arena, 1);
    struct orch root = {.unit_count = 1};

    make_steps(&s->arena, &plan->subtasks[0], "Analyst Fixer Other make");
    plan->subtasks[0].steps[FIXER_OF_CODEX].role = "Fixer";
    plan->subtasks[0].steps[FIXER_OF_CODEX].settings.agent = "codex";
    s->tree = tree_new();
    s->tree->plan = plan;
    vector_push(&s->tree->units, (struct unit){.item = ""});
    for (uint32_t i = 0; i < STEP_COUNT; i++)
        vector_push(&s->work.nodes, (struct node){.step = i});
    for (size_t i = 0; i < count; i++) {
        struct agent a = {.node = rows[i].step,
                          .instance = rows[i].instance,
                          .wave = rows[i].wave,
                          .ended_ms = rows[i].ended_ms,
                          .state = rows[i].ended_ms ? AGENT_STATE_ENDED : AGENT_STATE_RUNNING};
        for (size_t k = 0; k < rows[i].attempt_count; k++) {
            struct attempt *x = arena_copy(&s->arena, &rows[i].attempts[k], sizeof *x);
            x->session = x->session ? x->session : "";
            if (a.last_attempt)
                a.last_attempt->next = x;
            else
                a.first_attempt = x;
            a.last_attempt = x;
        }
        vector_push(&s->work.agents, a);
    }
    root.work = MEM_NEW(struct work);
    *root.work = s->work;
    vector_push(&s->tree->orchs, root);
}

static void tear_down(struct scene *s)
{
    tree_free(s->tree);
    arena_free(&s->arena);
}

#define DONE(name, held, fits)                                                                 \
    {                                                                                          \
        .session = name, .worked = true, .tokens = 100, .usd = 0.5, .counts = {60, 30, 10, 5}, \
        .context_tokens = held, .context_window = fits,                                        \
    }
#define NOW       \
    {             \
        .usd = -1 \
    }
#define ENDED(x, error_)                                                                   \
    {                                                                                      \
        .session = x, .worked = true, .tokens = 7, .usd = -1, .error = error_, .counts = { \
            .input = 7                                                                     \
        }                                                                                  \
    }
#define EMPTY(error_)              \
    {                              \
        .error = error_, .usd = -1 \
    }

/* The last row is the agent that is asked about. */
static const struct {
    const char *what;
    struct row rows[4];
    size_t count;
    int64_t prompt;
    struct session_choice want;
    int64_t used; /* tokens of input */
} cases[] = {
    {"the first of its instance", {{FIXER, 1, 1, 0, {NOW}, 1}}, 1, 10, {.session = ""}, 0},
    {"a later one of the same role",
     {{FIXER, 1, 1, 5, {DONE("s", 1000, 10000)}, 1}, {FIXER, 1, 2, 0, {NOW}, 1}},
     2,
     10,
     {.way = SESSION_RESUMED, .session = "s"},
     60},
    {"just full enough",
     {{FIXER, 1, 1, 5, {DONE("s", 7990, 10000)}, 1}, {FIXER, 1, 2, 0, {NOW}, 1}},
     2,
     10,
     {.way = SESSION_RESUMED, .session = "s"},
     60},
    {"just too full",
     {{FIXER, 1, 1, 5, {DONE("s", 7991, 10000)}, 1}, {FIXER, 1, 2, 0, {NOW}, 1}},
     2,
     10,
     {.way = SESSION_HANDOVER, .session = "", .agent_count = 1},
     0},
    {"a window that was not told",
     {{FIXER, 1, 1, 5, {DONE("s", 160000, 0)}, 1}, {FIXER, 1, 2, 0, {NOW}, 1}},
     2,
     1,
     {.way = SESSION_HANDOVER, .session = "", .agent_count = 1},
     0},
    {"two of them, the later counts and both are used",
     {{FIXER, 1, 1, 5, {DONE("s", 1000, 10000)}, 1},
      {FIXER, 1, 2, 9, {DONE("s", 2000, 10000)}, 1},
      {FIXER, 1, 3, 0, {NOW}, 1}},
     3,
     10,
     {.way = SESSION_RESUMED, .session = "s"},
     120},
    {"both are handed over, in the order they ended",
     {{FIXER, 1, 2, 9, {DONE("s", 9000, 10000)}, 1},
      {FIXER, 1, 1, 5, {DONE("s", 1000, 10000)}, 1},
      {FIXER, 1, 3, 0, {NOW}, 1}},
     3,
     10,
     {.way = SESSION_HANDOVER, .session = "", .agent_count = 2},
     0},
    {"another role",
     {{ANALYST, 1, 1, 5, {DONE("s", 1, 10000)}, 1}, {FIXER, 1, 2, 0, {NOW}, 1}},
     2,
     10,
     {.session = ""},
     0},
    {"another driver",
     {{FIXER_OF_CODEX, 1, 1, 5, {DONE("s", 1, 10000)}, 1}, {FIXER, 1, 2, 0, {NOW}, 1}},
     2,
     10,
     {.session = ""},
     0},
    {"another instance",
     {{FIXER, 2, 1, 5, {DONE("s", 1, 10000)}, 1}, {FIXER, 1, 2, 0, {NOW}, 1}},
     2,
     10,
     {.session = ""},
     0},
    {"an instance of the research",
     {{FIXER, 1, 0, 5, {DONE("s", 1, 10000)}, 1}, {FIXER, 1, 1, 0, {NOW}, 1}},
     2,
     10,
     {.session = ""},
     0},
    {"a driver without sessions",
     {{FIXER, 1, 1, 5, {DONE("", 1, 10000)}, 1}, {FIXER, 1, 2, 0, {NOW}, 1}},
     2,
     10,
     {.session = ""},
     0},
    {"one that failed",
     {{FIXER, 1, 1, 5, {ENDED("s", ERROR_FAILED)}, 1}, {FIXER, 1, 2, 0, {NOW}, 1}},
     2,
     10,
     {.session = ""},
     0},
    {"one that has not ended",
     {{FIXER, 1, 1, 0, {DONE("s", 1, 10000)}, 1}, {FIXER, 1, 2, 0, {NOW}, 1}},
     2,
     10,
     {.session = ""},
     0},
    {"a retry",
     {{FIXER, 1, 1, 5, {DONE("s", 1, 10000)}, 1},
      {FIXER, 1, 2, 0, {ENDED("s", ERROR_CRASH), NOW}, 2}},
     2,
     10,
     {.session = ""},
     0},
    {"after a limit that let nothing begin",
     {{FIXER, 1, 1, 5, {DONE("s", 1, 10000)}, 1},
      {FIXER, 1, 2, 0, {EMPTY(ERROR_RATE_LIMIT), NOW}, 2}},
     2,
     10,
     {.way = SESSION_RESUMED, .session = "s"},
     60},
    {"after a limit in the middle, however full it is",
     {{FIXER, 1, 1, 5, {DONE("s", 9999, 10000)}, 1},
      {FIXER, 1, 2, 0, {ENDED("t", ERROR_RATE_LIMIT), {.continues = true, .usd = -1}}, 2}},
     2,
     10,
     {.way = SESSION_RESUMED, .session = "t", .continues = true},
     7},
    {"after a limit in the middle and one at once",
     {{FIXER,
       1,
       1,
       0,
       {ENDED("t", ERROR_RATE_LIMIT),
        {.session = "u", .usd = -1, .error = ERROR_RATE_LIMIT, .continues = true},
        {.continues = true, .usd = -1}},
       3}},
     1,
     10,
     {.way = SESSION_RESUMED, .session = "t", .continues = true},
     7},
};

Test(session, each_rule_by_a_case)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct scene s = {0};
        struct session_choice got;
        set_up(&s, cases[i].rows, cases[i].count);
        session_choose(s.tree, 0, (uint32_t)cases[i].count - 1,
                       &(struct session_need){.prompt_tokens = cases[i].prompt}, &s.arena, &got);
        cr_expect_eq(got.way, cases[i].want.way, "%s", cases[i].what);
        cr_expect_str_eq(got.session, cases[i].want.session, "%s", cases[i].what);
        cr_expect_eq(got.continues, cases[i].want.continues, "%s", cases[i].what);
        cr_expect_eq(got.agent_count, cases[i].want.agent_count, "%s", cases[i].what);
        cr_expect_eq(got.use.tokens.input, cases[i].used, "%s", cases[i].what);
        tear_down(&s);
    }
}

Test(session, the_order_of_a_handover_is_that_of_the_ends)
{
    struct scene s = {0};
    struct session_choice got;
    const size_t both = 6; /* "both are handed over": the second row ended first */

    set_up(&s, cases[both].rows, cases[both].count);
    session_choose(s.tree, 0, 2, &(struct session_need){.prompt_tokens = 10}, &s.arena, &got);
    cr_assert_eq(got.agent_count, 2);
    cr_expect_eq(got.agents[0], 1);
    cr_expect_eq(got.agents[1], 0);
    tear_down(&s);
}

Test(session, a_price_that_is_not_known_makes_the_whole_unknown)
{
    const struct row known[] = {{FIXER, 1, 1, 5, {DONE("s", 1, 10000)}, 1},
                                {FIXER, 1, 2, 9, {DONE("s", 1, 10000)}, 1},
                                {FIXER, 1, 3, 0, {NOW}, 1}};
    struct row unknown[COUNT_OF(known)];
    struct scene s = {0}, u = {0};
    struct session_choice got;

    set_up(&s, known, COUNT_OF(known));
    session_choose(s.tree, 0, 2, &(struct session_need){.prompt_tokens = 10}, &s.arena, &got);
    cr_expect_float_eq(got.use.usd, 1.0, 1e-9);
    tear_down(&s);

    memcpy(unknown, known, sizeof unknown);
    unknown[0].attempts[0].usd = -1;
    set_up(&u, unknown, COUNT_OF(unknown));
    session_choose(u.tree, 0, 2, &(struct session_need){.prompt_tokens = 10}, &u.arena, &got);
    cr_expect_lt(got.use.usd, 0);
    tear_down(&u);
}

Test(session, a_program_that_resumes_in_place_only_is_handed_over_elsewhere)
{
    static const struct {
        enum agent_place before, now;
        enum session_way way;
    } places[] = {
        {PLACE_CLONE, PLACE_CLONE, SESSION_RESUMED}, {PLACE_SHARED, PLACE_CLONE, SESSION_RESUMED},
        {PLACE_REPO, PLACE_REPO, SESSION_RESUMED},   {PLACE_OWN, PLACE_OWN, SESSION_HANDOVER},
        {PLACE_CLONE, PLACE_OWN, SESSION_HANDOVER},  {PLACE_OWN, PLACE_CLONE, SESSION_HANDOVER},
        {PLACE_REPO, PLACE_CLONE, SESSION_HANDOVER},
    };
    const struct row rows[] = {{FIXER, 1, 1, 5, {DONE("s", 1, 10000)}, 1},
                               {FIXER, 1, 2, 0, {NOW}, 1}};

    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct scene s = {0};
        struct session_choice got;
        set_up(&s, rows, COUNT_OF(rows));
        struct agent *agents = s.tree->orchs.at[0].work->agents.at;
        agents[0].place = (uint8_t)places[i].before;
        agents[1].place = (uint8_t)places[i].now;
        const struct session_need bound = {.prompt_tokens = 10, .in_place = true};
        session_choose(s.tree, 0, 1, &bound, &s.arena, &got);
        cr_expect_eq(got.way, places[i].way, "case %zu", i);
        const struct session_need anywhere = {.prompt_tokens = 10};
        session_choose(s.tree, 0, 1, &anywhere, &s.arena, &got);
        cr_expect_eq(got.way, SESSION_RESUMED);
        tear_down(&s);
    }
}

Test(session, money_is_unknown_only_for_tokens_without_a_price)
{
    struct attempt third = {.session = "s", .usd = -1, .tokens = 5, .counts = {.input = 5}};
    struct attempt second = {.session = "s", .usd = 0.5, .tokens = 7, .counts = {.output = 7}};
    struct attempt first = {.session = "s", .usd = -1};
    struct session_use use = {0};

    first.next = &second;
    session_add_use(&first, "s", &use);
    cr_expect_float_eq(use.usd, 0.5, 1e-9, "one that was turned away cost nothing");
    session_add_use(&third, "s", &use);
    session_add_use(&second, "s", &use);
    cr_expect_lt(use.usd, 0);
    cr_expect_eq(use.tokens.output, 14);
    session_add_use(&second, "other", &use);
    cr_expect_eq(use.tokens.output, 14);
}
