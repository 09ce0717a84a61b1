/* SPDX-License-Identifier: Apache-2.0 */
#include "process/attempt.h"

#include "base/text.h"

#include <criterion/criterion.h>
#include <string.h>

/* The whole table, as words: one row a state, one word an event; "-" is refused. */
static const char *const expected[ATTEMPT_STATE_COUNT] = {
    [ATTEMPT_STARTING] = "running over - - - -",
    [ATTEMPT_RUNNING] = "- - stopping clearing - -",
    [ATTEMPT_STOPPING] = "- - stopping lingering - killing",
    [ATTEMPT_KILLING] = "- - killing clearing - -",
    [ATTEMPT_LINGERING] = "- - lingering - over clearing",
    [ATTEMPT_CLEARING] = "- - clearing - over over",
    [ATTEMPT_OVER] = "- - - - - -",
};

Test(attempt, every_cell_of_the_table)
{
    for (int s = 0; s < ATTEMPT_STATE_COUNT; s++) {
        AUTO_TEXT row = {0};
        for (int e = 0; e < ATTEMPT_EVENT_COUNT; e++) {
            struct attempt_step step = attempt_step((enum attempt_state)s, (enum attempt_event)e);
            text_printf(&row, "%s%s", e ? " " : "",
                        step.allowed ? attempt_state_name(step.next) : "-");
        }
        cr_expect_str_eq(text_get(&row), expected[s], "in state %s",
                         attempt_state_name((enum attempt_state)s));
    }
}

/* From every state that is not the last one there is a way to it. */
Test(attempt, every_state_leads_to_the_end)
{
    for (int s = 0; s < ATTEMPT_OVER; s++) {
        enum attempt_state state = (enum attempt_state)s;
        for (int steps = 0; state != ATTEMPT_OVER && steps < ATTEMPT_STATE_COUNT; steps++) {
            enum attempt_state best = state;
            for (int e = 0; e < ATTEMPT_EVENT_COUNT; e++) {
                struct attempt_step step = attempt_step(state, (enum attempt_event)e);
                if (step.allowed && step.next > best)
                    best = step.next;
            }
            state = best;
        }
        cr_expect_eq(state, ATTEMPT_OVER, "from %s", attempt_state_name((enum attempt_state)s));
    }
}

Test(attempt, a_new_one_has_no_process)
{
    struct attempt *attempt = attempt_new("ORG_1.1/w1.I1.a1");

    cr_expect_str_eq(attempt->id, "ORG_1.1/w1.I1.a1");
    cr_expect_eq(attempt->state, ATTEMPT_STARTING);
    cr_expect_eq(attempt->pidfd, -1);
    cr_expect_eq(attempt->group, ATTEMPT_NO_GROUP);
    attempt_free(attempt);
    attempt_free(NULL);
}
