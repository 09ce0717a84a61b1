/* SPDX-License-Identifier: Apache-2.0 */
#include "core/work.h"

#include "base/text.h"
#include "base/vector.h"
#include "make.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

/* Plan after plan: which steps have to end before which, through barriers. */
struct reach {
    size_t n;
    bool *any;  /* [from * n + to]: by edges of either kind */
    bool *need; /* by needs alone */
};

static void close_reach(bool *m, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                m[i * n + j] = m[i * n + j] || (m[i * n + k] && m[k * n + j]);
}

static struct reach find_reach(const struct work_graph *work)
{
    struct reach r = {.n = work->count};

    r.any = mem_zero(r.n * r.n);
    r.need = mem_zero(r.n * r.n);
    for (size_t e = 0; e < graph_edges(work->graph); e++) {
        size_t at = graph_from(work->graph, e) * r.n + graph_to(work->graph, e);
        r.any[at] = true;
        r.need[at] = r.need[at] || !work->order_only[e];
    }
    close_reach(r.any, r.n);
    close_reach(r.need, r.n);
    return r;
}

/* "A>B" where A is needed by B, "A~B" where it only comes before; unit.role where there are
 * several units. Sorted by A, then B; without those that follow from others. */
static char *relations(const struct plan *plan, const struct work_graph *work)
{
    struct reach r = find_reach(work);
    AUTO_TEXT t = {0};

    for (size_t i = 0; i < work->real; i++)
        for (size_t j = 0; j < work->real; j++) {
            bool direct = r.any[i * r.n + j];
            for (size_t k = 0; k < work->real; k++)
                if (r.any[i * r.n + k] && r.any[k * r.n + j] &&
                    r.need[i * r.n + j] == (r.need[i * r.n + k] && r.need[k * r.n + j]))
                    direct = false;
            if (!direct)
                continue;
            const struct work_step *a = &work->steps[i];
            const struct work_step *b = &work->steps[j];
            text_printf(&t, "%s%s", t.length ? " " : "",
                        plan->subtasks[a->subtask].steps[a->step].role);
            if (work->units > 1)
                text_printf(&t, "%zu", a->unit);
            text_printf(&t, "%c%s", r.need[i * r.n + j] ? '>' : '~',
                        plan->subtasks[b->subtask].steps[b->step].role);
            if (work->units > 1)
                text_printf(&t, "%zu", b->unit);
        }
    free(r.any);
    free(r.need);
    return text_take(&t);
}

static const struct {
    const char *name, *waves, *steps;
    enum plan_schedule schedule;
    const char *expected;
} children[] = {
    {"a chain of waves", "A | B | C", NULL, SCHEDULE_DEFAULT, "A>B B>C"},
    {"all of a wave before all of the next", "A B | C D", NULL, SCHEDULE_DEFAULT,
     "A>C A>D B>C B>D"},
    {"one wave", "A B", NULL, SCHEDULE_DEFAULT, ""},
    {"needs", NULL, "A B<A C<A D<B,C", SCHEDULE_DEFAULT, "A>B A>C B>D C>D"},
    {"steps without needs", NULL, "A B C", SCHEDULE_DEFAULT, ""},
    {"steps with a barrier", NULL, "A B C<A", SCHEDULE_WAVE, "A>C B~C"},
    {"a barrier over three levels", NULL, "A B C<A D<C", SCHEDULE_WAVE, "A>C B~C C>D"},
    {"waves that flow keep the wave before", "A B | C", NULL, SCHEDULE_FLOW, "A>C B>C"},
};

Test(work, a_child_joins_its_steps)
{
    for (size_t i = 0; i < COUNT_OF(children); i++) {
        AUTO_ARENA arena = {0};
        AUTO_WORK work;
        struct plan *plan = make_plan(&arena, 1);
        struct plan_subtask *s = &plan->subtasks[0];
        if (children[i].waves)
            make_waves(&arena, s, children[i].waves);
        else
            make_steps(&arena, s, children[i].steps);
        for (size_t k = 0; k < s->step_count; k++)
            s->steps[k].settings.schedule = children[i].schedule;
        work_graph_child(plan, 0, &work);
        AUTO_FREE char *found = relations(plan, &work);
        cr_expect_str_eq(found, children[i].expected, "%s: %s", children[i].name, found);
        cr_expect_eq(work.levels, s->wave_count);
    }
}

Test(work, a_wave_that_flows_may_name_its_needs)
{
    AUTO_ARENA arena = {0};
    AUTO_WORK work;
    struct plan *plan = make_plan(&arena, 1);
    struct plan_subtask *s = &plan->subtasks[0];

    make_waves(&arena, s, "A B | C D");
    s->steps[2].needs = (const size_t[]){0};
    s->steps[2].need_count = 1;
    s->steps[2].settings.schedule = SCHEDULE_FLOW;
    work_graph_child(plan, 0, &work);
    AUTO_FREE char *found = relations(plan, &work);
    cr_assert_str_eq(found, "A>C A>D B>D", "%s", found);
}

Test(work, a_barrier_stands_behind_every_lower_level)
{
    AUTO_ARENA arena = {0};
    AUTO_WORK work;
    struct plan *plan = make_plan(&arena, 1);
    struct plan_subtask *s = &plan->subtasks[0];

    make_steps(&arena, s, "A B C<A D<C E<C");
    s->steps[3].settings.schedule = SCHEDULE_WAVE;
    work_graph_child(plan, 0, &work);
    AUTO_FREE char *found = relations(plan, &work);
    cr_assert_str_eq(found, "A>C B~D C>D C>E", "%s", found);
    cr_assert_eq(work.count, 6);
    cr_assert_eq(work.steps[5].step, WORK_BARRIER);
    cr_assert_eq(work.steps[5].level, 2);
}

Test(work, edges_grow_with_the_steps)
{
    AUTO_ARENA arena = {0};
    AUTO_WORK work;
    AUTO_TEXT text = {0};
    struct plan *plan = make_plan(&arena, 1);

    for (int i = 0; i < 2000; i++)
        text_add(&text, i % 500 == 499 ? "A | " : "A ");
    make_waves(&arena, &plan->subtasks[0], text_get(&text));
    work_graph_child(plan, 0, &work);
    cr_assert_eq(work.real, 2000);
    cr_assert_eq(work.count, 2003);
    cr_assert_leq(graph_edges(work.graph), 2 * 2000 + 3);
}

Test(work, an_empty_child_is_empty)
{
    AUTO_ARENA arena = {0};
    AUTO_WORK work;

    work_graph_child(make_plan(&arena, 1), 0, &work);
    cr_assert_eq(work.count, 0);
    cr_assert_eq(work.levels, 0);
}

/* Three subtasks: waves "A B", waves "C | D", steps "E". */
static struct plan *three(struct arena *arena)
{
    struct plan *plan = make_plan(arena, 3);

    make_waves(arena, &plan->subtasks[0], "A B");
    make_waves(arena, &plan->subtasks[1], "C | D");
    make_steps(arena, &plan->subtasks[2], "E");
    return plan;
}

static void expect_root(const struct plan *plan, const struct fan_known *known,
                        const char *expected)
{
    AUTO_WORK work;

    work_graph_root(plan, known, &work);
    AUTO_FREE char *found = relations(plan, &work);
    cr_expect_str_eq(found, expected, "%s", found);
}

Test(work, independent_subtasks_are_released_at_once)
{
    AUTO_ARENA arena = {0};

    expect_root(three(&arena), NULL, "C1>D1");
}

Test(work, what_depends_needs_all_of_the_other)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = three(&arena);

    make_depends(&arena, &plan->subtasks[1], 0);
    make_depends(&arena, &plan->subtasks[2], 0);
    make_depends(&arena, &plan->subtasks[2], 1);
    expect_root(plan, NULL, "A0>C1 B0>C1 C1>D1 D1>E2");
}

Test(work, only_the_first_and_last_steps_are_joined)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 2);

    make_steps(&arena, &plan->subtasks[0], "A B<A C");
    make_steps(&arena, &plan->subtasks[1], "D E<D F");
    make_depends(&arena, &plan->subtasks[1], 0);
    expect_root(plan, NULL, "A0>B0 B0>D1 B0>F1 C0>D1 C0>F1 D1>E1");
}

Test(work, nothing_but_empty_subtasks)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 2);

    make_depends(&arena, &plan->subtasks[1], 0);
    expect_root(plan, NULL, "");
}

Test(work, overlapping_writes_are_ordered_and_no_more)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = three(&arena);

    plan->subtasks[0].writes = make_strings(&arena, "src/**");
    plan->subtasks[1].writes = make_strings(&arena, "docs/**");
    plan->subtasks[2].steps[0].writes = make_strings(&arena, "src/x.c");
    expect_root(plan, NULL, "A0~E2 B0~E2 C1>D1");
}

Test(work, dependencies_go_before_indexes)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = three(&arena);

    for (size_t i = 0; i < 3; i++)
        plan->subtasks[i].writes = make_strings(&arena, "src/**");
    make_depends(&arena, &plan->subtasks[0], 2);
    expect_root(plan, NULL, "C1>D1 D1~E2 E2>A0 E2>B0");
}

Test(work, each_item_is_a_unit)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 2);

    make_waves(&arena, &plan->subtasks[0], "A");
    make_waves(&arena, &plan->subtasks[1], "B");
    plan->subtasks[0].for_each = make_list(&arena, "x y", 0);
    plan->subtasks[0].writes = make_strings(&arena, "{{item}}");
    make_depends(&arena, &plan->subtasks[1], 0);
    expect_root(plan, NULL, "A0>B2 A1>B2");
    plan->subtasks[0].writes = make_strings(&arena, "shared");
    expect_root(plan, NULL, "A0~A1 A0>B2 A1>B2");
}

Test(work, a_subtask_without_steps_or_items_passes_on)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = three(&arena);

    plan->subtasks[1].step_count = 0;
    make_depends(&arena, &plan->subtasks[1], 0);
    make_depends(&arena, &plan->subtasks[2], 1);
    expect_root(plan, NULL, "A0>E2 B0>E2");
    plan->subtasks[1].for_each = make_list(&arena, "", 0);
    expect_root(plan, NULL, "A0>E1 B0>E1");
}

Test(work, levels_of_a_root_count_steps)
{
    AUTO_ARENA arena = {0};
    AUTO_WORK work;
    struct plan *plan = three(&arena);
    static const unsigned expected[] = {1, 1, 2, 3, 4};

    make_depends(&arena, &plan->subtasks[1], 0);
    make_depends(&arena, &plan->subtasks[2], 1);
    work_graph_root(plan, NULL, &work);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(work.steps[i].level, expected[i], "%zu: %u", i, work.steps[i].level);
    cr_expect_eq(work.levels, 4);
    cr_expect_eq(work.first[1], 2);
    cr_expect_eq(work.units, 3);
}

Test(work, many_subtasks_that_write_the_same_are_a_chain)
{
    enum { N = 3000 };
    AUTO_ARENA arena = {0};
    AUTO_WORK work;
    struct plan *plan = make_plan(&arena, N);

    for (size_t i = 0; i < N; i++) {
        make_waves(&arena, &plan->subtasks[i], "A B");
        plan->subtasks[i].writes = make_strings(&arena, "src/** docs/**");
    }
    work_graph_root(plan, NULL, &work);
    cr_assert_eq(work.levels, N);
    cr_assert_lt(graph_edges(work.graph), 8 * N);
}

Test(work, subtasks_in_a_circle_are_a_bug, .signal = SIGABRT)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    struct work_graph work;

    make_depends(&arena, &plan->subtasks[0], 0);
    work_graph_root(plan, NULL, &work);
}

Test(work, steps_in_a_circle_are_a_bug, .signal = SIGABRT)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = make_plan(&arena, 1);
    struct work_graph work;

    make_steps(&arena, &plan->subtasks[0], "A");
    plan->subtasks[0].steps[0].needs = (const size_t[]){0};
    plan->subtasks[0].steps[0].need_count = 1;
    work_graph_root(plan, NULL, &work);
}

Test(work, writes_are_those_of_subtask_and_steps)
{
    AUTO_ARENA arena = {0};
    struct plan *plan = three(&arena);
    struct plan_subtask *s = &plan->subtasks[0];

    s->writes = make_strings(&arena, "a/{{item}}");
    s->steps[0].writes = s->writes;
    s->steps[1].writes = make_strings(&arena, "b c");
    struct strings writes = work_writes(s, "x", &arena);
    cr_assert_eq(writes.count, 3, "an inherited list is not counted twice");
    cr_assert_str_eq(writes.at[0], "a/x");
    cr_assert_str_eq(writes.at[2], "c");
}
