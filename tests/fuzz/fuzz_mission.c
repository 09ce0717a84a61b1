/* SPDX-License-Identifier: Apache-2.0 */
/* Missions in Markdown: read, with at least one step and a wave for each level, or refused with a
 * place and a hint. */
#include "plan/mission.h"

#include "base/text.h"
#include "core/template.h"

static void check_mission(const struct plan_subtask *s)
{
    if (!s->step_count || !s->wave_count || !*s->title)
        bug("a mission without work");
    for (size_t i = 0; i < s->step_count; i++) {
        const struct plan_step *step = &s->steps[i];
        if (step->level < 1 || step->level > s->wave_count || step->count < 1)
            bug("step '%s' is in no wave", step->id);
        if (!*step->prompt == !*step->run)
            bug("step '%s' has not one kind of work", step->id);
        if (template_uses(*step->run ? step->run : step->prompt, NULL))
            bug("the text of step '%s' became a template", step->id);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    struct plan_subtask subtask;

    if (mission_parse(&(struct source){text, size, "mission"}, &a, &subtask, &f) == 0)
        check_mission(&subtask);
    else if (!f.message || !f.hint || !f.line || !f.column)
        bug("a fault without a place or a hint: %s", f.message);
    return 0;
}
