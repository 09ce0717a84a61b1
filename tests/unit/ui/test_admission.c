/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/admission.h"

#include <criterion/criterion.h>

/* Orchestrators that have not begun wait for a slot and need no plan. */
static struct tree *with_waiting(uint32_t running, uint32_t waiting, struct admission_level level)
{
    struct tree *t = tree_new();

    for (uint32_t i = 0; i < waiting; i++) {
        vector_push(&t->orchs, (struct orch){.state = ORCH_STATE_WAITING});
        vector_push(&t->ready, ((struct ready){.orch = i, .agent = AGENT_NONE}));
    }
    t->running = running;
    t->admission.now = level;
    return t;
}

Test(admission, says_who_waits_for_what)
{
    static const struct {
        struct admission_level level;
        uint32_t running, waiting;
        const char *text;
    } cases[] = {
        {{0, ADMISSION_NONE}, 12, 28, ""},
        {{12, ADMISSION_MEMORY}, 12, 0, ""},
        {{12, ADMISSION_MEMORY}, 11, 28, ""},
        {{12, ADMISSION_MEMORY}, 12, 28, "memory pressure: 12 of 40 agents run; waiting"},
        {{12, ADMISSION_DESCRIPTORS}, 14, 1, "limit of open files: 14 of 15 agents run; waiting"},
        {{1, ADMISSION_PROCESSES}, 1, 1, "limit of processes: 1 of 2 agents run; waiting"},
        {{1, ADMISSION_DISK}, 1, 1, "little disk space: 1 of 2 agents run; waiting"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_TEXT got = {0};
        struct tree *t = with_waiting(cases[i].running, cases[i].waiting, cases[i].level);
        cr_expect_eq(admission_text(t, &got), cases[i].text[0] != '\0', "case %zu", i);
        cr_expect_str_eq(text_get(&got), cases[i].text, "case %zu", i);
        tree_free(t);
    }
}

Test(admission, programs_are_told_the_same)
{
    struct tree *t = with_waiting(12, 28, (struct admission_level){12, ADMISSION_MEMORY});
    json_auto_t *bounded = admission_json(t);

    cr_expect_str_eq(json_string_value(json_object_get(bounded, "cause")), "memory");
    cr_expect_eq(json_integer_value(json_object_get(bounded, "limit")), 12);
    cr_expect_eq(json_integer_value(json_object_get(bounded, "waiting")), 28);
    t->admission.now.limit = 0;
    json_auto_t *free = admission_json(t);
    cr_expect(json_is_null(free));
    tree_free(t);
}
