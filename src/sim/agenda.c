/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/agenda.h"

static bool before(const struct agenda_entry *a, const struct agenda_entry *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void agenda_add(struct agenda *a, struct agenda_entry entry)
{
    entry.order = a->entered++;
    vector_push(&a->heap, entry);

    struct agenda_entry *heap = a->heap.at;
    size_t i = a->heap.count - 1;
    for (; i && before(&entry, &heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = entry;
}

int64_t agenda_next_ms(const struct agenda *a)
{
    return a->heap.count ? a->heap.at[0].at_ms : AGENDA_NEVER;
}

bool agenda_take(struct agenda *a, int64_t now_ms, struct agenda_entry *ret)
{
    struct agenda_entry *heap = a->heap.at;

    if (!a->heap.count || heap[0].at_ms > now_ms)
        return false;
    *ret = heap[0];

    size_t n = --a->heap.count, i = 0;
    struct agenda_entry moved = heap[n];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= n)
            break;
        if (child + 1 < n && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &moved))
            break;
        heap[i] = heap[child];
        i = child;
    }
    if (n)
        heap[i] = moved;
    return true;
}

void agenda_clear(struct agenda *a)
{
    a->heap.count = 0;
}

void agenda_free(struct agenda *a)
{
    vector_free(&a->heap);
}
