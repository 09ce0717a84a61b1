/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/names.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static size_t hash(const char *word)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (const unsigned char *p = (const unsigned char *)word; *p; p++)
        h = (h ^ *p) * 0x100000001b3u;
    return (size_t)h;
}

/* The slot that holds the word, or the free one where it belongs. There is always a free one. */
static struct names_slot *slot_of(const struct names *n, const char *word)
{
    size_t i = hash(word) & (n->capacity - 1);

    while (n->slots[i].word && strcmp(n->slots[i].word, word) != 0)
        i = (i + 1) & (n->capacity - 1);
    return &n->slots[i];
}

static void grow(struct names *n)
{
    struct names bigger = {.capacity = n->capacity ? n->capacity * 2 : 16, .count = n->count};

    bigger.slots = mem_resize(NULL, bigger.capacity, sizeof *bigger.slots);
    memset(bigger.slots, 0, bigger.capacity * sizeof *bigger.slots);
    for (size_t i = 0; i < n->capacity; i++)
        if (n->slots[i].word)
            *slot_of(&bigger, n->slots[i].word) = n->slots[i];
    free(n->slots);
    *n = bigger;
}

bool names_add(struct names *n, const char *word, size_t position, size_t *ret_holder)
{
    if ((n->count + 1) * 4 > n->capacity * 3)
        grow(n);
    struct names_slot *slot = slot_of(n, word);
    if (slot->word) {
        if (ret_holder)
            *ret_holder = slot->position;
        return false;
    }
    *slot = (struct names_slot){word, position};
    n->count++;
    return true;
}

bool names_find(const struct names *n, const char *word, size_t *ret_position)
{
    if (!n->count)
        return false;
    const struct names_slot *slot = slot_of(n, word);
    if (!slot->word)
        return false;
    *ret_position = slot->position;
    return true;
}

void names_free(struct names *n)
{
    free(n->slots);
    *n = (struct names){0};
}
