/* SPDX-License-Identifier: Apache-2.0 */
#include "process/deadlines.h"

#include "base/vector.h"

static bool before(const struct deadline *a, const struct deadline *b)
{
    return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->turn < b->turn);
}

static void put(struct deadlines *all, size_t index, struct deadline *deadline)
{
    all->at[index] = deadline;
    deadline->place = index + 1;
}

static void move_up(struct deadlines *all, size_t index, struct deadline *deadline)
{
    while (index > 0 && before(deadline, all->at[(index - 1) / 2])) {
        put(all, index, all->at[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put(all, index, deadline);
}

static void move_down(struct deadlines *all, size_t index, struct deadline *deadline)
{
    for (;;) {
        size_t child = 2 * index + 1;
        if (child + 1 < all->count && before(all->at[child + 1], all->at[child]))
            child++;
        if (child >= all->count || !before(all->at[child], deadline))
            break;
        put(all, index, all->at[child]);
        index = child;
    }
    put(all, index, deadline);
}

void deadline_set(struct deadlines *all, struct deadline *deadline, int64_t at_ms)
{
    deadline_clear(all, deadline);
    deadline->at_ms = at_ms;
    deadline->turn = all->turns++;
    vector_push(all, deadline);
    move_up(all, all->count - 1, deadline);
}

void deadline_clear(struct deadlines *all, struct deadline *deadline)
{
    if (!deadline->place)
        return;
    size_t index = deadline->place - 1;
    struct deadline *last = all->at[--all->count];
    deadline->place = 0;
    if (last == deadline)
        return;
    move_down(all, index, last);
    move_up(all, last->place - 1, last);
}

struct deadline *deadlines_next(struct deadlines *all, int64_t now_ms)
{
    struct deadline *first = all->count ? all->at[0] : NULL;

    if (!first || first->at_ms > now_ms)
        return NULL;
    deadline_clear(all, first);
    return first;
}

int64_t deadlines_wait_ms(const struct deadlines *all, int64_t now_ms)
{
    if (!all->count)
        return -1;
    return all->at[0]->at_ms > now_ms ? all->at[0]->at_ms - now_ms : 0;
}

void deadlines_free(struct deadlines *all)
{
    vector_free(all);
}
