/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plan.h"

bool plan_step_is_command(const struct plan_step *step)
{
    return step->run[0] != '\0';
}

enum plan_schedule plan_step_schedule(const struct plan_subtask *subtask,
                                      const struct plan_step *step)
{
    if (step->settings.schedule != SCHEDULE_DEFAULT)
        return step->settings.schedule;
    return subtask->explicit_waves ? SCHEDULE_WAVE : SCHEDULE_FLOW;
}

size_t plan_subtask_steps(const struct plan_subtask *subtask)
{
    return subtask->explicit_waves ? subtask->wave_count : subtask->step_count;
}
