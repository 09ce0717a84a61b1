/* SPDX-License-Identifier: Apache-2.0 */
/* What a planner says: a plan within what it may decide, or a fault with a place and a hint. */
#include "plan/answer.h"

#include "base/text.h"

#include <string.h>

/* libfyaml 0.7.12 itself loses a buffer for a scalar of some forty quotes and more. The unit tests
 * run without this, so that leaks of ours are seen there. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so\n";
}

static void check(const struct plan *plan, const struct plan *request)
{
    if (!plan->subtask_count || plan->land != request->land ||
        strcmp(plan->task, request->task) != 0)
        bug("a plan that the user did not ask for");
    for (size_t i = 0; i < plan->subtask_count; i++) {
        const struct plan_subtask *s = &plan->subtasks[i];
        if (s->on_failure.count || s->cleanup.count || strcmp(s->setup, request->setup) != 0)
            bug("a planner's commands in '%s'", s->title);
        for (size_t k = 0; k < s->step_count; k++)
            if (*s->steps[k].run || s->steps[k].settings.sandbox.off ||
                strcmp(s->steps[k].settings.agent, "claude") != 0)
                bug("a step beyond what a planner may decide in '%s'", s->title);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    const struct plan request = {.version = 1,
                                 .task = "task",
                                 .file = "",
                                 .setup = "",
                                 .land = LAND_BRANCH,
                                 .settings = {.agent = "claude",
                                              .model = "",
                                              .base_url = "",
                                              .retries = RETRIES_DEFAULT,
                                              .stall_minutes = -1}};
    const struct answer_context context = {.request = &request};
    const char *json = NULL;
    struct planner_result result;

    int r = answer_find((const char *)data, size, &a, &json, &f);
    if (r == 0)
        r = plan_answer_read(json, &context, &a, &result, &f);
    if (r == 0)
        check(result.plan, &request);
    else if (!f.message || !f.hint || !f.line)
        bug("a fault without a place or a hint: %s", f.message);
    return 0;
}
