/* SPDX-License-Identifier: Apache-2.0 */
/* Task texts, and the plans that the embedded planner makes of them: what comes out is read again
 * to the same plan; what is refused has a place and a hint. */
#include "plan/planner.h"
#include "plan/write.h"
#include "plan/yaml.h"

static void check_items(const struct task *task)
{
    for (size_t i = 0; i < task->count; i++) {
        if (!*task->items[i].text || !task->items[i].place.line)
            bug("entry %zu is empty or nowhere", i);
        for (size_t k = 0; k < task->items[i].depends_count; k++)
            if (task->items[i].depends_on[k] >= task->count)
                bug("entry %zu depends on nothing", i);
    }
}

static void check_plan(const struct plan *plan, struct arena *a)
{
    AUTO_FAULT f = {0};
    json_auto_t *first = plan_to_json(plan);
    struct plan *again;

    if (plan_from_json(first, "again", a, &again, &f) < 0)
        bug("the planner's plan is not read: %s", f.message);
    json_auto_t *second = plan_to_json(again);
    if (!json_equal(first, second))
        bug("the planner's plan changed on its way");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct plan request = {
        .settings = {.agent = "claude", .model = "", .base_url = ""}};
    static const struct planner_context context = {.request = &request, .recipes = "/nonexistent"};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    struct planner_result result;
    struct task task;

    if (task_parse(text, &a, &task, &f) == 0) {
        check_items(&task);
        if (planner_plan(&task, &context, &a, &result, &f) == 0)
            check_plan(result.plan, &a);
    }
    if (f.code != FAULT_NONE && f.code != FAULT_SYSTEM && (!f.hint || !f.line || !f.column))
        bug("a fault without a place or a hint: %s", f.message);
    return 0;
}
