/* SPDX-License-Identifier: Apache-2.0 */
#include "core/intern.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a: short names, no adversary. */
static uint64_t hash(const char *s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return h;
}

/* The slot that holds the name, or the free one where it belongs. */
static size_t *find_slot(const struct intern *in, const char *name)
{
    size_t i = hash(name) & (in->slot_count - 1);

    while (in->slots[i] && strcmp(in->names.at[in->slots[i] - 1], name) != 0)
        i = (i + 1) & (in->slot_count - 1);
    return &in->slots[i];
}

static void grow(struct intern *in)
{
    free(in->slots);
    in->slot_count = in->slot_count ? in->slot_count * 2 : 16;
    in->slots = mem_zero(in->slot_count * sizeof *in->slots);
    for (size_t i = 0; i < in->names.count; i++)
        *find_slot(in, in->names.at[i]) = i + 1;
}

size_t intern_add(struct intern *in, const char *name)
{
    if (in->names.count * 2 >= in->slot_count)
        grow(in);
    size_t *slot = find_slot(in, name);
    if (!*slot) {
        vector_push(&in->names, mem_string(name));
        *slot = in->names.count;
    }
    return *slot - 1;
}

void intern_free(struct intern *in)
{
    for (size_t i = 0; i < in->names.count; i++)
        free(in->names.at[i]);
    vector_free(&in->names);
    free(in->slots);
    in->slots = NULL;
    in->slot_count = 0;
}
