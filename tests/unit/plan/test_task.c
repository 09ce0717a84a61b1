/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/task.h"

#include "base/text.h"

#include <criterion/criterion.h>
#include <string.h>

/* A task as one line: form, agents, then each item with what it depends on. */
static char *summary(const struct task *task)
{
    static const char *const forms[] = {[TASK_SINGLE] = "single",
                                        [TASK_BULLETS] = "bullets",
                                        [TASK_NUMBERED] = "numbered",
                                        [TASK_LIST] = "list",
                                        [TASK_DIMENSIONS] = "dimensions"};
    AUTO_TEXT t = {0};

    text_printf(&t, "%s%s %u", forms[task->form], task->parallel ? " parallel" : "", task->agents);
    if (task->dimensions)
        text_printf(&t, " of %u", task->dimensions);
    for (size_t i = 0; i < task->count; i++) {
        const struct task_item *item = &task->items[i];
        text_printf(&t, " | %u %s", item->number, item->text);
        for (size_t k = 0; k < item->depends_count; k++)
            text_printf(&t, "%s#%u", k ? "," : " <- ", task->items[item->depends_on[k]].number);
    }
    return text_take(&t);
}

static const struct {
    const char *text, *clean, *lead, *summary;
} tasks[] = {
    {"Fix the login", "Fix the login", "Fix the login", "single 0"},
    {"  Fix it\n", "Fix it", "Fix it", "single 0"},
    {"[EXEC_ID: ORG_4729.1]\nFix it", "Fix it", "Fix it", "single 0"},
    {"Fix it using 50 agents", "Fix it", "Fix it", "single 50"},
    {"Fix it, using 1,000 agents.", "Fix it.", "Fix it.", "single 1000"},
    {"Fix it with 12 agents please", "Fix it please", "Fix it please", "single 12"},
    {"With 8 parallel agents, fix it", "fix it", "fix it", "single parallel 8"},
    {"Fix it with up to 3 AGENTS", "Fix it", "Fix it", "single 3"},
    {"Run 8 parallel agents over it", "Run over it", "Run over it", "single parallel 8"},
    {"Write about 7 agents and with agents", "Write about 7 agents and with agents",
     "Write about 7 agents and with agents", "single 0"},
    {"Fix with 3\n\nagents of change", "Fix of change", "Fix of change", "single 3"},
    {"Do:\n- fix login\n* add tests\n+ write docs\n", "Do:\n- fix login\n* add tests\n+ write docs",
     "Do:", "bullets 0 | 1 fix login | 2 add tests | 3 write docs"},
    {"- [ ] a\n- [x] b", "- [ ] a\n- [x] b", "", "bullets 0 | 1 a | 2 b"},
    {"1. a\n2. b\n3. c", "1. a\n2. b\n3. c", "", "numbered 0 | 1 a | 2 b <- #1 | 3 c <- #2"},
    {"In parallel:\n1. a\n2) b\n(3) c", "In parallel:\n1. a\n2) b\n(3) c",
     "In parallel:", "numbered parallel 0 | 1 a | 2 b | 3 c"},
    {"Not in parallel:\n1. a\n2. b", "Not in parallel:\n1. a\n2. b",
     "Not in parallel:", "numbered 0 | 1 a | 2 b <- #1"},
    {"1. a\n2. make it parallel", "1. a\n2. make it parallel", "",
     "numbered 0 | 1 a | 2 make it parallel <- #1"},
    {"1. a\n2. b\n\nThese are independent.", "1. a\n2. b\n\nThese are independent.", "",
     "numbered parallel 0 | 1 a | 2 b"},
    {"1. a\n1. b\n1. c [depends on #1]", "1. a\n1. b\n1. c [depends on #1]", "",
     "numbered 0 | 1 a | 2 b <- #1 | 3 c <- #1"},
    {"4. a\n7. b [independent]\n9. c [depends on #4, #7 and 7]",
     "4. a\n7. b [independent]\n9. c [depends on #4, #7 and 7]", "",
     "numbered 0 | 4 a | 7 b | 9 c <- #4,#7"},
    {"- a [Depends On #2] now\n- b", "- a [Depends On #2] now\n- b", "",
     "bullets 0 | 1 a now <- #2 | 2 b"},
    {"- a [see the docs]\n- b [after #1]", "- a [see the docs]\n- b [after #1]", "",
     "bullets 0 | 1 a [see the docs] | 2 b <- #1"},
    {"- a\n  more of a\n  - deeper\n\n  still a\n- b\n\nThe end.",
     "- a\n  more of a\n  - deeper\n\n  still a\n- b\n\nThe end.", "",
     "bullets 0 | 1 a\nmore of a\n- deeper\n\nstill a | 2 b"},
    {"Do 1) a 2) b 3) c", "Do 1) a 2) b 3) c", "Do", "numbered 0 | 1 a | 2 b <- #1 | 3 c <- #2"},
    {"In parallel: 1. a; 2. b", "In parallel: 1. a; 2. b",
     "In parallel:", "numbered parallel 0 | 1 a; | 2 b"},
    {"Go to version 1. Then 2. is next", "Go to version 1. Then 2. is next",
     "Go to version 1. Then 2. is next", "single 0"},
    {"Only 1) a", "Only 1) a", "Only 1) a", "single 0"},
    {"Fix these 3 bugs in parallel: a b; c;\nd: e", "Fix these 3 bugs in parallel: a b; c;\nd: e",
     "Fix these 3 bugs in parallel:", "list parallel 0 | 1 a b | 2 c | 3 d: e"},
    {"Fix these: a; b", "Fix these: a; b", "Fix these:", "list 0 | 1 a | 2 b"},
    {"Fix these in parallel:\nthe login\nthe export\n",
     "Fix these in parallel:\nthe login\nthe export",
     "Fix these in parallel:", "list parallel 0 | 1 the login | 2 the export"},
    {"Fix these:\nthe login\nthe export\n", "Fix these:\nthe login\nthe export",
     "Fix these:\nthe login\nthe export", "single 0"},
    {"Fix simultaneously: login, export and cache", "Fix simultaneously: login, export and cache",
     "Fix simultaneously:", "list parallel 0 | 1 login | 2 export | 3 cache"},
    {"Fix in parallel: one two three four five six seven eight nine, ten",
     "Fix in parallel: one two three four five six seven eight nine, ten",
     "Fix in parallel: one two three four five six seven eight nine, ten", "single parallel 0"},
    {"A\x01"
     "B",
     "A B", "A B", "single 0"},
    {"Fix these bugs: a; b; c.\n\nBe careful.", "Fix these bugs: a; b; c.\n\nBe careful.",
     "Fix these bugs:", "list 0 | 1 a | 2 b | 3 c"},
    {"Do 1) a 2) b\n\nThanks", "Do 1) a 2) b\n\nThanks", "Do", "numbered 0 | 1 a | 2 b <- #1"},
    {"In parallel:\n\nlogin\nexport\n\nBe careful.", "In parallel:\n\nlogin\nexport\n\nBe careful.",
     "In parallel:", "list parallel 0 | 1 login | 2 export"},
    {"Review across docs and tests and speed\nplease",
     "Review across docs and tests and speed\nplease", "Review",
     "dimensions 0 | 1 docs | 2 tests | 3 speed"},
    {"Review across docs,\ntests, and search and replace",
     "Review across docs,\ntests, and search and replace", "Review",
     "dimensions 0 | 1 docs | 2 tests | 3 search and replace"},
    {"Fix: login, export", "Fix: login, export", "Fix: login, export", "single 0"},
    {"See https://x.org/a;b", "See https://x.org/a;b", "See https://x.org/a;b", "single 0"},
    {"Analyze repository across 6 dimensions: documentation, code quality, tests, security, "
     "performance, dependencies",
     "Analyze repository across 6 dimensions: documentation, code quality, tests, security, "
     "performance, dependencies",
     "Analyze repository",
     "dimensions 0 | 1 documentation | 2 code quality | 3 tests | 4 security | 5 performance | 6 "
     "dependencies"},
    {"Analyze it across docs, tests, and speed. Be quick.",
     "Analyze it across docs, tests, and speed. Be quick.", "Analyze it",
     "dimensions 0 | 1 docs | 2 tests | 3 speed"},
    {"Audit across all six dimensions", "Audit across all six dimensions", "Audit",
     "dimensions 0 of 6"},
    {"Rename a to b across the repository", "Rename a to b across the repository",
     "Rename a to b across the repository", "single 0"},
    {"Review across tests and docs in parallel using 4 agents",
     "Review across tests and docs in parallel", "Review",
     "dimensions parallel 4 | 1 tests | 2 docs"},
    {"```\n- not a job\n```\n- a job", "```\n- not a job\n```\n- a job", "```\n- not a job\n```",
     "bullets 0 | 1 a job"},
};

Test(task, forms)
{
    for (size_t i = 0; i < COUNT_OF(tasks); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct task task;
        cr_assert_eq(task_parse(tasks[i].text, &a, &task, &f), 0, "%s: %s", tasks[i].text,
                     f.message);
        AUTO_FREE char *got = summary(&task);
        cr_expect_str_eq(task.text, tasks[i].clean);
        cr_expect_str_eq(task.lead, tasks[i].lead);
        cr_expect_str_eq(got, tasks[i].summary);
    }
}

Test(task, tag_rest_and_places)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct task task;
    char id[EXEC_ID_TEXT_MAX];

    cr_assert_eq(
        task_parse("[EXEC_ID: ORG_4729.1] Do\n\n  - é a\n  - b\n\nthe rest", &a, &task, &f), 0);
    cr_assert(task.tagged);
    exec_id_format(task.tag, id);
    cr_assert_str_eq(id, "ORG_4729.1");
    cr_assert_str_eq(task.rest, "the rest");
    cr_assert_eq(task.items[1].place.line, 4);
    cr_assert_eq(task.items[1].place.column, 5);
}

static const struct {
    const char *text, *message, *hint;
} faults[] = {
    {"", "task:1:1: the task is empty", "say what is to be done"},
    {" \n\t", "task:1:1: the task is empty", "say what is to be done"},
    {"[EXEC_ID: ORG_4729]\n", "task:2:1: the task is empty", "say what is to be done"},
    {"using 5 agents", "task:1:1: the task is empty", "say what is to be done"},
    {"Fix it using 0 agents", "task:1:14: '0' agents can't work",
     "name 1 agent or more, or leave it out"},
    {"Fix it\nwith -3 agents", "task:2:6: '-3' agents can't work",
     "name 1 agent or more, or leave it out"},
    {"0 parallel agents fix it", "task:1:1: '0' agents can't work",
     "name 1 agent or more, or leave it out"},
    {"Fix it with 5000000000 agents", "task:1:13: '5000000000' agents can't work",
     "name 1 agent or more, or leave it out"},
    {"Fix with 3 agents using 4 agents", "task:1:25: the task asks for 3 agents and for 4",
     "name the number of agents once"},
    {"Fix \xff", "task:1:5: not valid UTF-8", "write the task as UTF-8"},
    {"- a\n-  \n- b", "task:2:4: entry 2 of the list is empty",
     "say what is to be done, or take the entry out"},
    {"- a [depends on #4]\n- b", "task:1:18: '#4' is no entry of this list",
     "name the number of another entry of the list"},
    {"- a [depends on the other]\n- b", "task:1:26: an annotation that names no entry",
     "write it as [depends on #2]"},
    {"- a [independent] [after #2]\n- b",
     "task:1:3: an entry that is independent and depends on another", "keep one of the two"},
    {"1. a [depends on #2]\n2. b", "task:1:4: the list depends on itself: #1 -> #2 -> #1",
     "mark the entry that can go first as [independent]"},
    {"- a [depends on #1]\n- b", "task:1:3: the list depends on itself: #1 -> #1",
     "mark the entry that can go first as [independent]"},
    {"Audit across 3 dimensions: a, b", "task:1:28: 3 dimensions are announced and 2 are named",
     "name them all, or leave the number out"},
    {"[EXEC_ID: ORG_4729.1.1.1] x",
     "task:1:1: 'ORG_4729.1.1.1' is not an execution ID: it has three or more dots and depth 2 is "
     "the deepest",
     "an execution ID reads ORG_4729, ORG_4729.1 or ORG_4729.1.1"},
};

Test(task, every_fault_has_a_place_and_a_hint)
{
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        struct task task;
        cr_expect(task_parse(faults[i].text, &a, &task, &f) < 0, "accepted: %s", faults[i].text);
        AUTO_FREE char *message = fault_text(&f);
        cr_expect_str_eq(message, faults[i].message);
        cr_expect_str_eq(f.hint ? f.hint : "", faults[i].hint);
    }
}

Test(task, long_texts)
{
    AUTO_TEXT t = {0};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct task task;

    for (int i = 1; i <= 50000; i++)
        text_printf(&t, "%d. job\n", i);
    cr_assert_eq(task_parse(t.data, &a, &task, &f), 0);
    cr_assert_eq(task.count, 50000);
    cr_assert_eq(task.items[49999].place.line, 50000);
    while (t.length <= TASK_BYTES_MAX)
        text_add(&t, "and more, ");
    cr_assert_eq(task_parse(t.data, &a, &task, &f), -FAULT_PLAN);
    cr_assert_str_eq(f.message, "the task is longer than 1 MiB");
}
