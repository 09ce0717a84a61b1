/* SPDX-License-Identifier: Apache-2.0 */
#include "core/decide.h"

#include "make.h"

#include <criterion/criterion.h>
#include <string.h>

/* Subtasks of three waves and 15 minutes, as the seven bugs are. */
static struct plan *bugs(struct arena *arena, size_t count)
{
    struct plan *plan = make_plan(arena, count);

    for (size_t i = 0; i < count; i++) {
        make_waves(arena, &plan->subtasks[i], "Analyst | Fixer | Tester");
        plan->subtasks[i].minutes = 15;
    }
    return plan;
}

static struct plan *small_steps(struct arena *arena)
{
    struct plan *plan = bugs(arena, 3);

    plan->subtasks[1] = make_plan(arena, 1)->subtasks[0];
    plan->subtasks[1].title = "typos";
    make_waves(arena, &plan->subtasks[1], "Fixer:20");
    return plan;
}

static struct plan *small_minutes(struct arena *arena)
{
    struct plan *plan = bugs(arena, 4);

    plan->subtasks[1].minutes = 9.99;
    plan->subtasks[2].minutes = 5;
    return plan;
}

static struct plan *single(struct arena *arena)
{
    return bugs(arena, 1);
}

static struct plan *empty(struct arena *arena)
{
    return make_plan(arena, 0);
}

static struct plan *seven(struct arena *arena)
{
    return bugs(arena, 7);
}

static struct plan *two(struct arena *arena)
{
    return bugs(arena, 2);
}

static struct plan *dependent(struct arena *arena)
{
    struct plan *plan = bugs(arena, 3);

    make_depends(arena, &plan->subtasks[2], 0);
    return plan;
}

static struct plan *overlapping(struct arena *arena)
{
    struct plan *plan = bugs(arena, 3);

    plan->subtasks[0].writes = make_strings(arena, "docs/** src/**");
    plan->subtasks[2].writes = make_strings(arena, "src/main.c");
    return plan;
}

static struct plan *separate(struct arena *arena)
{
    struct plan *plan = bugs(arena, 3);

    plan->subtasks[0].writes = make_strings(arena, "docs/**");
    plan->subtasks[1].writes = make_strings(arena, "src/**");
    plan->subtasks[2].writes = make_strings(arena, "*.md *.txt tests/a/** tests/b/**");
    return plan;
}

static struct plan *services(struct arena *arena, const char *items, const char *writes)
{
    struct plan *plan = bugs(arena, 1);

    plan->subtasks[0].title = "Deploy";
    plan->subtasks[0].for_each = make_list(arena, items, 0);
    plan->subtasks[0].writes = make_strings(arena, writes);
    return plan;
}

static struct plan *listed(struct arena *arena)
{
    return services(arena, "api web db", "services/{{item}}/**");
}

static struct plan *listed_together(struct arena *arena)
{
    return services(arena, "api web db", "services/**");
}

static struct plan *listed_once(struct arena *arena)
{
    return services(arena, "api", "services/**");
}

static struct plan *unlisted(struct arena *arena)
{
    struct plan *plan = services(arena, "", "services/{{item}}/**");

    plan->subtasks[0].for_each = (struct plan_fan){.kind = FAN_COMMAND, .source = "ls services"};
    return plan;
}

static struct plan *unlisted_together(struct arena *arena)
{
    struct plan *plan = unlisted(arena);

    plan->subtasks[0].writes = make_strings(arena, "log/{{item}} services/**");
    return plan;
}

static struct plan *unlisted_beside_two(struct arena *arena)
{
    struct plan *plan = bugs(arena, 3);

    plan->subtasks[1].for_each = (struct plan_fan){.kind = FAN_COMMAND, .source = "ls"};
    return plan;
}

static const struct {
    const char *name;
    struct plan *(*make)(struct arena *arena);
    unsigned depth;
    enum pattern_choice forced;
    const char *holds; /* a letter for each criterion: y or n */
    enum pattern_choice pattern;
    bool was_forced;
    int criterion;
    const char *why; /* of that criterion */
    const char *rationale;
} cases[] = {
    {"seven bugs", seven, 0, PATTERN_AUTO, "yyyy", PATTERN_META, false, CRITERION_BENEFIT,
     "105 min of waves one after the other against 15 min as children, 7x",
     "7 independent subtasks"},
    {"seven bugs, sizes", seven, 0, PATTERN_AUTO, "yyyy", PATTERN_META, false, CRITERION_SUBTASKS,
     "7 subtasks, each with 3 or more steps and 10 or more minutes", "about 15 min instead of 105"},
    {"silent writes", seven, 0, PATTERN_AUTO, "yyyy", PATTERN_META, false, CRITERION_DEPENDENCIES,
     "7 of 7 do not say", "child orchestrators"},
    {"disjoint writes", separate, 0, PATTERN_AUTO, "yyyy", PATTERN_META, false,
     CRITERION_DEPENDENCIES, "no writes overlap", "child orchestrators"},
    {"one subtask", single, 0, PATTERN_AUTO, "nyyn", PATTERN_WAVES, false, CRITERION_SUBTASKS,
     "there is 1 subtask and it takes 2", "specialised agents in waves: there is 1"},
    {"no subtask", empty, 0, PATTERN_AUTO, "nyyn", PATTERN_WAVES, false, CRITERION_SUBTASKS,
     "there are 0 subtasks", "specialised agents"},
    {"no subtask to force", empty, 0, PATTERN_META, "nyyn", PATTERN_WAVES, false,
     CRITERION_SUBTASKS, "there are 0 subtasks", "although child orchestrators were asked for"},
    {"too few steps", small_steps, 0, PATTERN_AUTO, "nyyy", PATTERN_WAVES, false,
     CRITERION_SUBTASKS, "'typos' has 1 step and needs 3", "'typos' has 1 step"},
    {"too few minutes", small_minutes, 0, PATTERN_AUTO, "nyyy", PATTERN_WAVES, false,
     CRITERION_SUBTASKS, "'s2' is estimated at 9.99 min and needs 10 (and 1 more", "specialised"},
    {"twice is not above twice", two, 0, PATTERN_AUTO, "yyyn", PATTERN_WAVES, false,
     CRITERION_BENEFIT, "2x: not above 2x", "30 min of waves"},
    {"a dependency", dependent, 0, PATTERN_AUTO, "ynyy", PATTERN_WAVES, false,
     CRITERION_DEPENDENCIES, "'s3' depends on 's1'", "'s3' depends on 's1'"},
    {"an overlap", overlapping, 0, PATTERN_AUTO, "ynyy", PATTERN_WAVES, false,
     CRITERION_DEPENDENCIES, "'s1' and 's3' may write the same path: 'src/**' meets 'src/main.c'",
     "may write the same path"},
    {"depth 1", seven, 1, PATTERN_AUTO, "yyny", PATTERN_WAVES, false, CRITERION_DEPTH,
     "the depth is 1, and only depth 0", "the depth is 1"},
    {"forced waves", seven, 0, PATTERN_WAVES, "yyyy", PATTERN_WAVES, true, CRITERION_DEPTH,
     "the depth is 0", "specialised agents in waves, as asked for"},
    {"waves that would be anyway", single, 0, PATTERN_WAVES, "nyyn", PATTERN_WAVES, false,
     CRITERION_DEPTH, "the depth is 0", "specialised agents in waves: there is 1 subtask"},
    {"forced meta over size and benefit", single, 0, PATTERN_META, "nyyn", PATTERN_META, true,
     CRITERION_BENEFIT, "nothing is saved",
     "as asked for, although there is 1 subtask and it takes 2; "},
    {"meta that would be anyway", seven, 0, PATTERN_META, "yyyy", PATTERN_META, false,
     CRITERION_DEPTH, "the depth is 0", "7 independent subtasks, each with waves"},
    {"never over dependencies", dependent, 0, PATTERN_META, "ynyy", PATTERN_WAVES, false,
     CRITERION_DEPENDENCIES, "'s3' depends on 's1'",
     "although child orchestrators were asked for: 's3' depends on 's1'"},
    {"never over depth", seven, 2, PATTERN_META, "yyny", PATTERN_WAVES, false, CRITERION_DEPTH,
     "the depth is 2", "although child orchestrators were asked for: the depth is 2"},
    {"items count", listed, 0, PATTERN_AUTO, "yyyy", PATTERN_META, false, CRITERION_SUBTASKS,
     "3 subtasks, each", "3 independent subtasks"},
    {"items that share a path", listed_together, 0, PATTERN_AUTO, "ynyy", PATTERN_WAVES, false,
     CRITERION_DEPENDENCIES, "'Deploy' for 'api' and 'Deploy' for 'web' may write", "specialised"},
    {"one item shares with nobody", listed_once, 0, PATTERN_AUTO, "nyyn", PATTERN_WAVES, false,
     CRITERION_SUBTASKS, "there is 1 subtask", "specialised"},
    {"items that are not known", unlisted, 0, PATTERN_AUTO, "yyyy", PATTERN_META, false,
     CRITERION_SUBTASKS, "how many items 'Deploy' has is not known yet", "1 independent subtask,"},
    {"items that are not known, benefit", unlisted, 0, PATTERN_AUTO, "yyyy", PATTERN_META, false,
     CRITERION_BENEFIT, "a single item of 'Deploy', whose number is not known yet", "15 min"},
    {"items that will share a path", unlisted_together, 0, PATTERN_AUTO, "ynyy", PATTERN_WAVES,
     false, CRITERION_DEPENDENCIES, "every item of 'Deploy' may write 'services/**'", "every item"},
    {"beside others", unlisted_beside_two, 0, PATTERN_AUTO, "yyyy", PATTERN_META, false,
     CRITERION_BENEFIT, "3x: above 2x", "child orchestrators"},
};

Test(decide, answers_with_reasons)
{
    static const char *const names[] = {"independent_complex_subtasks", "no_cross_dependencies",
                                        "depth", "benefit"};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA arena = {0};
        struct decide_options options = {.forced = cases[i].forced};
        struct decision d;
        decide(cases[i].make(&arena), cases[i].depth, &options, &arena, &d);
        cr_expect_eq(d.pattern, cases[i].pattern, "%s: %s", cases[i].name, d.rationale);
        cr_expect_eq(d.forced, cases[i].was_forced, "%s", cases[i].name);
        for (int k = 0; k < CRITERION_COUNT; k++) {
            cr_expect_str_eq(d.criteria[k].name, names[k]);
            cr_expect_eq(d.criteria[k].holds, cases[i].holds[k] == 'y', "%s: %s: %s", cases[i].name,
                         names[k], d.criteria[k].why);
        }
        const char *why = d.criteria[cases[i].criterion].why;
        cr_expect(strstr(why, cases[i].why), "%s: %s", cases[i].name, why);
        cr_expect(strstr(d.rationale, cases[i].rationale), "%s: %s", cases[i].name, d.rationale);
    }
}

Test(decide, thresholds_can_be_set)
{
    AUTO_ARENA arena = {0};
    struct decide_options options = {
        .min_subtasks = 8, .min_steps = 4, .min_minutes = 16, .min_speedup = 7};
    struct decision d;

    decide(bugs(&arena, 7), 0, &options, &arena, &d);
    cr_expect(strstr(d.criteria[CRITERION_SUBTASKS].why, "7 subtasks and it takes 8"));
    cr_expect(strstr(d.criteria[CRITERION_BENEFIT].why, "not above 7x"));
    options.min_subtasks = 7;
    decide(bugs(&arena, 7), 0, &options, &arena, &d);
    cr_expect(strstr(d.criteria[CRITERION_SUBTASKS].why, "has 3 steps and needs 4"));
    options.min_steps = 3;
    decide(bugs(&arena, 7), 0, &options, &arena, &d);
    cr_expect(strstr(d.criteria[CRITERION_SUBTASKS].why, "15 min and needs 16"));
    options = (struct decide_options){.min_speedup = 1.5};
    decide(bugs(&arena, 2), 0, &options, &arena, &d);
    cr_expect_eq(d.pattern, PATTERN_META);
}

Test(decide, dear_coordination_is_no_benefit)
{
    AUTO_ARENA arena = {0};
    struct decide_options options = {.min_speedup = 0.5, .estimate = {.coordination_minutes = 20}};
    struct decision d;

    decide(bugs(&arena, 3), 0, &options, &arena, &d);
    cr_expect_not(d.criteria[CRITERION_BENEFIT].holds, "%s", d.criteria[CRITERION_BENEFIT].why);
    cr_expect(strstr(d.criteria[CRITERION_BENEFIT].why, "nothing is saved"), "%s",
              d.criteria[CRITERION_BENEFIT].why);
}

Test(decide, patterns_have_names)
{
    cr_assert_str_eq(pattern_name(PATTERN_AUTO), "auto");
    cr_assert_str_eq(pattern_name(PATTERN_META), "meta");
    cr_assert_str_eq(pattern_name(PATTERN_WAVES), "waves");
}
