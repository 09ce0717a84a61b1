/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A binary heap of numbers whose order is the caller's. The order has to be strict and total
 * (break ties by the number itself), so that the same pushes give the same pops.
 */
#ifndef KELP_CORE_HEAP_H
#define KELP_CORE_HEAP_H

#include "base/vector.h"

#include <stdbool.h>
#include <stddef.h>

/* Plain data: set the first two, zero the rest. */
struct heap {
    bool (*before)(const void *context, size_t a, size_t b);
    const void *context;
    VECTOR(size_t) items;
};

void heap_push(struct heap *h, size_t item);
/* The heap must not be empty. */
size_t heap_pop(struct heap *h);
size_t heap_top(const struct heap *h);
bool heap_empty(const struct heap *h);
void heap_free(struct heap *h);
#define AUTO_HEAP __attribute__((cleanup(heap_free))) struct heap

#endif
