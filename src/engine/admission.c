/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/admission.h"

#include "process/capacity.h"

enum { LOOK_EVERY_MS = 1000 };

/* How many agents the run may come to want at once. Before it knows of itself, what is asked of it
 * does. */
static uint32_t wanted(const struct engine *e)
{
    const struct tree *t = e->tree;
    const struct run_request *first = e->next.events.count ? e->next.events.at[0].request : NULL;

    if (t->phase == RUN_NEW)
        return first ? first->settings.slots : 0;
    return t->settings.slots ? t->settings.slots : t->agents_total;
}

static void tell(struct engine *e)
{
    const struct admission_level *level = &e->admission.level;

    if (level->limit)
        log_write(e->options.log, LOG_LEVEL_WARNING, "%s: at most %u agents at once, %u run",
                  admission_cause_sentence(level->cause), level->limit, e->tree->running);
    else
        log_write(e->options.log, LOG_LEVEL_INFO, "the machine bears all agents again");
    engine_queue(e, (struct event){.kind = EVENT_ADMISSION, .admission = *level});
}

void admission_check(struct engine *e)
{
    const struct capacity_whose whose = {.keeper = keeper_pid(e->keeper),
                                         .dir = e->options.run_dir};
    struct machine_reading reading;

    if (e->tree->phase == RUN_ENDED)
        return;
    capacity_read(&whose, &reading);
    if (admission_look(&e->admission, &reading, e->tree->running, wanted(e)))
        tell(e);
}

static void on_timer(uv_timer_t *timer)
{
    admission_check(timer->data);
}

void admission_begin(struct engine *e)
{
    const struct config *config = e->options.config;

    if (config && config->admission == ADMIT_ALL)
        return;
    (void)uv_timer_start(&e->admission_timer, on_timer, LOOK_EVERY_MS, LOOK_EVERY_MS);
    admission_check(e);
}
