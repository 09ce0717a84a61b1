/* SPDX-License-Identifier: Apache-2.0 */
/* What a run adds to the history: how long its agents took. */
#include "core/tree.h"

struct duration {
    int64_t ended_ms;
    const struct plan_step *step;
    double minutes;
};

static int by_end(const void *a, const void *b)
{
    const struct duration *x = a, *y = b;

    return (x->ended_ms > y->ended_ms) - (x->ended_ms < y->ended_ms);
}

/* False for an agent that says nothing about how long such a one takes. */
static bool duration_of(const struct tree *t, const struct orch *o, const struct agent *a,
                        struct duration *ret)
{
    const struct attempt *last = a->last_attempt;

    if (a->state != AGENT_STATE_ENDED || a->status != END_DONE || !last || !last->started_ms)
        return false;
    double items = a->item_count > 1 ? a->item_count : 1;
    ret->ended_ms = last->ended_ms;
    ret->step = tree_agent_step(t, o, a);
    ret->minutes = (double)(last->ended_ms - last->started_ms) / 60000 / items;
    return true;
}

void tree_note_history(const struct tree *t, int64_t since_ms, struct history *h,
                       struct arena *arena)
{
    VECTOR(struct duration) all = {0};
    struct duration d;

    for (size_t i = 0; i < t->orchs.count; i++) {
        const struct orch *o = &t->orchs.at[i];
        for (size_t k = 0; o->work && k < o->work->agents.count; k++)
            if (duration_of(t, o, &o->work->agents.at[k], &d) && d.ended_ms > since_ms)
                vector_push(&all, d);
    }
    if (all.count)
        qsort(all.at, all.count, sizeof *all.at, by_end);
    for (size_t i = 0; i < all.count; i++) {
        const struct plan_step *step = all.at[i].step;
        history_note(h, arena, step->role, plan_step_is_command(step) ? WORK_COMMAND : WORK_MODEL,
                     all.at[i].minutes);
    }
    vector_free(&all);
}
