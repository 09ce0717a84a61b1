/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fan.h"

#include "base/text.h"

#include <string.h>

size_t fan_items(const struct plan_fan *fan, size_t known)
{
    if (fan->kind == FAN_NONE)
        return 1;
    return fan->kind == FAN_LIST ? fan->items.count : known;
}

/* The items of a subtask's for_each; NULL where they are not known. */
static const struct strings *subtask_items(const struct plan *plan, size_t subtask,
                                           const struct fan_known *known)
{
    const struct plan_fan *fan = &plan->subtasks[subtask].for_each;

    if (fan->kind == FAN_LIST)
        return &fan->items;
    if (!known || !known->subtasks || !known->subtasks[subtask].at)
        return NULL;
    return &known->subtasks[subtask];
}

size_t fan_of_subtask(const struct plan *plan, size_t subtask, const struct fan_known *known)
{
    const struct strings *items = subtask_items(plan, subtask, known);

    return fan_items(&plan->subtasks[subtask].for_each, items ? items->count : FAN_UNKNOWN);
}

size_t fan_of_step(const struct plan *plan, size_t subtask, size_t step,
                   const struct fan_known *known)
{
    const struct plan_fan *fan = &plan->subtasks[subtask].steps[step].for_each;

    if (!known || !known->steps || !known->steps[subtask])
        return fan_items(fan, FAN_UNKNOWN);
    return fan_items(fan, known->steps[subtask][step]);
}

/* An unknown for_each is one unit. */
static size_t units_of(const struct plan *plan, size_t subtask, const struct fan_known *known)
{
    size_t items = fan_of_subtask(plan, subtask, known);

    return items == FAN_UNKNOWN ? 1 : items;
}

const struct fan_unit *fan_units(const struct plan *plan, const struct fan_known *known,
                                 struct arena *arena, size_t *ret_count)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->subtask_count; i++)
        count += units_of(plan, i, known);
    struct fan_unit *units = arena_array(arena, count, sizeof *units);
    count = 0;
    for (size_t i = 0; i < plan->subtask_count; i++) {
        bool fans = plan->subtasks[i].for_each.kind != FAN_NONE;
        const struct strings *items = fans ? subtask_items(plan, i, known) : NULL;
        for (size_t k = 0; k < units_of(plan, i, known); k++)
            units[count++] = (struct fan_unit){.subtask = i, .item = items ? items->at[k] : NULL};
    }
    *ret_count = count;
    return units;
}

static bool is_item(const char *name, size_t length)
{
    while (length && strchr(" \t", name[0])) {
        name++;
        length--;
    }
    while (length && strchr(" \t", name[length - 1]))
        length--;
    /* A unit has one item, so that `items` is the same. */
    return length >= 4 && length <= 5 && memcmp(name, "items", length) == 0;
}

/* An item is a name, never a wildcard. */
static void add_escaped(struct text *out, const char *item)
{
    for (; *item; item++) {
        if (strchr("*?[\\", *item))
            text_add_char(out, '\\');
        text_add_char(out, *item);
    }
}

const char *fan_glob(const char *glob, const char *item, struct arena *arena)
{
    AUTO_TEXT out = {0};
    const char *open = strstr(glob, "{{");

    if (!open)
        return glob;
    while (open) {
        const char *close = strstr(open, "}}");
        if (!close)
            break;
        text_add_n(&out, glob, (size_t)(open - glob));
        if (item && is_item(open + 2, (size_t)(close - open - 2)))
            add_escaped(&out, item);
        else if (!text_ends(text_get(&out), "*"))
            text_add_char(&out, '*');
        glob = close + 2;
        open = strstr(glob, "{{");
    }
    text_add(&out, glob);
    return arena_string(arena, text_get(&out));
}

size_t fan_agents(size_t items, size_t batch)
{
    return items / batch + (items % batch != 0);
}

struct fan_range fan_range(size_t items, size_t agents, size_t batch, size_t agent)
{
    /* Everybody has one item; `extra` are dealt out batch - 1 at a time. */
    size_t extra = items - agents;
    size_t before = agent * (batch - 1);
    size_t own;

    if (before > extra)
        before = extra;
    own = extra - before < batch - 1 ? extra - before : batch - 1;
    return (struct fan_range){.first = agent + before, .count = 1 + own};
}
