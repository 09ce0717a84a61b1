/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/history_file.h"

#include "base/os.h"
#include "core/tree.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[64];

static void begin(void)
{
    AUTO_FAULT f = {0};
    AUTO_FREE char *state = NULL;

    (void)strncpy(root, "/tmp/kelp-history-XXXXXX", sizeof root - 1);
    cr_assert(mkdtemp(root));
    state = os_path(root, ".kelp");
    cr_assert_eq(os_make_dirs(state, 0700, &f), 0, "%s", f.message);
}

static void end(void)
{
    AUTO_FREE char *file = os_path(root, ".kelp/history.json");
    AUTO_FREE char *state = os_path(root, ".kelp");

    (void)unlink(file);
    cr_expect_eq(rmdir(state), 0);
    cr_expect_eq(rmdir(root), 0);
}

TestSuite(history_file, .init = begin, .fini = end);

/* A run of two steps: agents of the first are a model's, those of the second a command's. */
struct run {
    struct plan_step steps[2];
    struct plan plan;
    struct attempt attempts[8];
    struct tree *tree;
};

static void run_begin(struct run *r, uint32_t number, int64_t now_ms)
{
    *r = (struct run){.steps = {{.role = "Fixer", .prompt = "mend it", .run = ""},
                                {.role = "Test", .prompt = "", .run = "make test"}}};
    r->plan = (struct plan){.research = r->steps, .research_count = 2};
    r->tree = tree_new();
    r->tree->request = (struct run_request){.number = number, .plan = &r->plan};
    r->tree->now_ms = now_ms;
    vector_push(&r->tree->orchs, (struct orch){.work = MEM_NEW(struct work)});
    for (uint32_t i = 0; i < 2; i++)
        vector_push(&r->tree->orchs.at[0].work->nodes, (struct node){.unit = UNIT_NONE, .step = i});
}

static void add_agent(struct run *r, uint32_t node, enum end_status status, uint32_t items,
                      double from_minute, double to_minute)
{
    struct work *w = r->tree->orchs.at[0].work;
    struct attempt *last = &r->attempts[w->agents.count];

    *last = (struct attempt){.started_ms = 1 + (int64_t)(from_minute * 60000),
                             .ended_ms = 1 + (int64_t)(to_minute * 60000)};
    vector_push(&w->agents, (struct agent){.node = node,
                                           .state = AGENT_STATE_ENDED,
                                           .status = (uint8_t)status,
                                           .item_count = items,
                                           .first_attempt = last,
                                           .last_attempt = last});
}

static void note(struct run *r)
{
    AUTO_FAULT f = {0};

    cr_assert_eq(history_file_note(root, r->tree, &f), 0, "%s", f.message);
}

static void expect_known(const char *role, enum work_kind kind, double minutes)
{
    AUTO_ARENA arena = {0};
    AUTO_FAULT f = {0};
    struct history h = {0};
    double known = -1;

    cr_assert_eq(history_file_read(root, &arena, &h, &f), 0, "%s", f.message);
    cr_expect_eq(history_minutes(&h, role, kind, &known), minutes >= 0, "%s", role);
    if (minutes >= 0)
        cr_expect_float_eq(known, minutes, 1e-6, "%s: %f", role, known);
}

Test(history_file, nothing_is_known_of_a_new_repository)
{
    expect_known("Fixer", WORK_MODEL, -1);
}

Test(history_file, what_was_done_counts_for_one_item_and_by_kind)
{
    struct run r;

    run_begin(&r, 1001, 100 * 60000);
    add_agent(&r, 0, END_DONE, 0, 1, 9);
    add_agent(&r, 0, END_FAILED, 0, 1, 90);
    add_agent(&r, 1, END_DONE, 4, 2, 10);
    note(&r);
    expect_known("Fixer", WORK_MODEL, 8);
    expect_known("Fixer", WORK_COMMAND, -1);
    expect_known("Test", WORK_COMMAND, 2);
    tree_free(r.tree);
}

Test(history_file, each_agent_of_a_run_counts_once)
{
    struct run r;

    run_begin(&r, 1001, 10 * 60000);
    add_agent(&r, 0, END_DONE, 0, 1, 5);
    note(&r);
    note(&r);
    expect_known("Fixer", WORK_MODEL, 4);
    add_agent(&r, 0, END_DONE, 0, 12, 20); /* the run was taken up again */
    r.tree->now_ms = 30 * 60000;
    note(&r);
    expect_known("Fixer", WORK_MODEL, 6); /* not (4 + 4 + 8) / 3 */
    tree_free(r.tree);
}

Test(history_file, runs_add_up_in_the_order_in_which_agents_ended)
{
    struct run r;

    run_begin(&r, 1001, 10 * 60000);
    add_agent(&r, 0, END_DONE, 0, 0, 8);
    add_agent(&r, 0, END_DONE, 0, 0, 2);
    note(&r);
    tree_free(r.tree);
    run_begin(&r, 1002, 10 * 60000);
    add_agent(&r, 0, END_DONE, 0, 0, 5);
    add_agent(&r, 0, END_DONE, 0, 0, 9);
    add_agent(&r, 0, END_DONE, 0, 0, 10);
    note(&r);
    /* 2 and 8 make 5, then 5, 9 for a quarter: 6, then 10 for a quarter. */
    expect_known("Fixer", WORK_MODEL, 7);
    tree_free(r.tree);
}

Test(history_file, a_damaged_file_is_named_and_begun_anew)
{
    static const char *const texts[] = {
        "{",
        "[]",
        "{\"version\": 2, \"agents\": []}",
        "{\"version\": 1, \"agents\": [{\"role\": \"x\"}]}",
        "{\"version\": 1, \"agents\": [{\"role\": \"x\", \"kind\": \"y\", \"minutes\": 1}]}",
    };
    AUTO_FREE char *file = os_path(root, ".kelp/history.json");

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        AUTO_ARENA arena = {0};
        AUTO_FAULT f = {0};
        AUTO_FAULT read = {0};
        struct history h = {0};
        struct run r;
        cr_assert_eq(os_write_file(file, texts[i], strlen(texts[i]), 0600, &f), 0);
        cr_expect_lt(history_file_read(root, &arena, &h, &read), 0, "%s", texts[i]);
        cr_expect_eq(h.count, 0);
        run_begin(&r, 1001, 10 * 60000);
        add_agent(&r, 0, END_DONE, 0, 0, 3);
        note(&r);
        expect_known("Fixer", WORK_MODEL, 3);
        tree_free(r.tree);
    }
}
