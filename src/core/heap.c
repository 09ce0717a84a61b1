/* SPDX-License-Identifier: Apache-2.0 */
#include "core/heap.h"

static void swap(struct heap *h, size_t i, size_t j)
{
    size_t item = h->items.at[i];

    h->items.at[i] = h->items.at[j];
    h->items.at[j] = item;
}

static bool is_before(const struct heap *h, size_t i, size_t j)
{
    return h->before(h->context, h->items.at[i], h->items.at[j]);
}

void heap_push(struct heap *h, size_t item)
{
    size_t i = h->items.count;

    vector_push(&h->items, item);
    for (; i > 0 && is_before(h, i, (i - 1) / 2); i = (i - 1) / 2)
        swap(h, i, (i - 1) / 2);
}

size_t heap_pop(struct heap *h)
{
    size_t item = h->items.at[0];
    size_t i = 0;

    h->items.at[0] = h->items.at[--h->items.count];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= h->items.count)
            return item;
        if (child + 1 < h->items.count && is_before(h, child + 1, child))
            child++;
        if (!is_before(h, child, i))
            return item;
        swap(h, i, child);
        i = child;
    }
}

size_t heap_top(const struct heap *h)
{
    return h->items.at[0];
}

bool heap_empty(const struct heap *h)
{
    return h->items.count == 0;
}

void heap_free(struct heap *h)
{
    vector_free(&h->items);
}
