/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed growing arrays. `VECTOR(int) numbers = {0};` is an empty vector; elements
 * are `numbers.at[i]`, 0 <= i < numbers.count. Pushing may move the elements. These
 * are macros because C has no other way to keep the element's type.
 */
#ifndef KELP_BASE_VECTOR_H
#define KELP_BASE_VECTOR_H

#include "base/memory.h"

#define VECTOR(type)     \
    struct {             \
        type *at;        \
        size_t count;    \
        size_t capacity; \
    }

#define vector_reserve(v, wanted)                                          \
    do {                                                                   \
        if ((v)->capacity < (wanted)) {                                    \
            (v)->capacity = (v)->capacity ? (v)->capacity : 4;             \
            while ((v)->capacity < (wanted))                               \
                (v)->capacity *= 2;                                        \
            (v)->at = mem_resize((v)->at, (v)->capacity, sizeof *(v)->at); \
        }                                                                  \
    } while (0)

#define vector_push(v, ...)                    \
    do {                                       \
        vector_reserve(v, (v)->count + 1);     \
        (v)->at[(v)->count++] = (__VA_ARGS__); \
    } while (0)

#define vector_free(v)                  \
    do {                                \
        free((v)->at);                  \
        (v)->at = NULL;                 \
        (v)->count = (v)->capacity = 0; \
    } while (0)

#endif
