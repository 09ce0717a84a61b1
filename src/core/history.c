/* SPDX-License-Identifier: Apache-2.0 */
#include "core/history.h"

#include <string.h>

static int compare(const struct history_entry *entry, const char *role, enum work_kind kind)
{
    int order = strcmp(entry->role, role);

    return order ? order : (int)entry->kind - (int)kind;
}

/* Where (role, kind) is, or belongs. */
static size_t find(const struct history *h, const char *role, enum work_kind kind)
{
    size_t low = 0;
    size_t high = h->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&h->at[middle], role, kind) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct history *h, size_t i, const char *role, enum work_kind kind)
{
    return i < h->count && compare(&h->at[i], role, kind) == 0;
}

/* Into a new array: roles are few, and one that comes from a journal has no room to spare. */
static void insert(struct history *h, struct arena *arena, size_t i, struct history_entry entry)
{
    struct history_entry *at = arena_array(arena, h->count + 1, sizeof *at);

    for (size_t k = 0; k < h->count; k++)
        at[k + (k >= i)] = h->at[k];
    at[i] = entry;
    h->at = at;
    h->count++;
}

void history_set(struct history *h, struct arena *arena, struct history_entry entry)
{
    size_t i = find(h, entry.role, entry.kind);

    entry.role = arena_string(arena, entry.role);
    if (is_at(h, i, entry.role, entry.kind))
        h->at[i] = entry;
    else
        insert(h, arena, i, entry);
}

double history_smooth(double smoothed, size_t count, double value)
{
    double even = 1.0 / ((double)count + 1);

    return smoothed + (value - smoothed) * (even > HISTORY_WEIGHT ? even : HISTORY_WEIGHT);
}

void history_note(struct history *h, struct arena *arena, const char *role, enum work_kind kind,
                  double minutes)
{
    size_t i = find(h, role, kind);

    if (!is_at(h, i, role, kind))
        insert(h, arena, i,
               (struct history_entry){.role = arena_string(arena, role), .kind = kind});
    h->at[i].minutes = history_smooth(h->at[i].minutes, h->at[i].count, minutes);
    h->at[i].count++;
}

const struct history *history_copy(const struct history *h, struct arena *arena)
{
    struct history *copy;

    if (!h)
        return NULL;
    copy = arena_copy(arena, h, sizeof *h);
    copy->at = arena_array(arena, h->count, sizeof *copy->at);
    for (size_t i = 0; i < h->count; i++) {
        copy->at[i] = h->at[i];
        copy->at[i].role = arena_string(arena, h->at[i].role);
    }
    return copy;
}

bool history_minutes(const struct history *h, const char *role, enum work_kind kind,
                     double *ret_minutes)
{
    if (!h)
        return false;
    size_t i = find(h, role, kind);
    if (!is_at(h, i, role, kind))
        return false;
    *ret_minutes = h->at[i].minutes;
    return true;
}
