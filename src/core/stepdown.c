/* SPDX-License-Identifier: Apache-2.0 */
#include "core/stepdown.h"

#include <string.h>

void stepdown_init(struct stepdown *s, size_t full)
{
    *s = (struct stepdown){.full = full, .limit = full};
}

static void remember(struct stepdown *s, bool trouble)
{
    uint8_t *byte = &s->window[s->next / 8];
    uint8_t bit = (uint8_t)(1 << s->next % 8);

    if (s->noted == STEPDOWN_WINDOW)
        s->troubles -= (*byte & bit) != 0;
    else
        s->noted++;
    *byte = (uint8_t)(trouble ? *byte | bit : *byte & ~bit);
    s->troubles += trouble;
    s->clean = trouble ? 0 : s->clean + 1;
    s->next = (s->next + 1) % STEPDOWN_WINDOW;
}

/* What came before a change says nothing about what comes after it. */
static void change(struct stepdown *s, size_t limit)
{
    memset(s->window, 0, sizeof s->window);
    s->noted = s->next = s->troubles = s->clean = 0;
    s->limit = limit;
}

static size_t at_least_one(size_t n)
{
    return n ? n : 1;
}

/* What runs counts, not a limit that nobody reaches: lowering that would ease nothing. */
static size_t effective(size_t limit, size_t running)
{
    return limit && limit < running ? limit : running;
}

static bool step_down(struct stepdown *s, size_t running)
{
    size_t now = effective(s->limit, running);

    if (s->noted < STEPDOWN_MIN || s->troubles * 100 < s->noted)
        return false;
    if (!s->peak)
        s->peak = now;
    if (s->troubles * 10 < s->noted) {
        change(s, at_least_one(now - at_least_one(now / 4)));
    } else {
        s->before = now;
        change(s, 1);
    }
    return true;
}

static void step_up(struct stepdown *s, size_t limit)
{
    bool back = limit >= s->peak;

    change(s, back ? s->full : limit);
    s->before = 0;
    if (back)
        s->peak = 0;
}

bool stepdown_note(struct stepdown *s, bool trouble, size_t running)
{
    bool single = s->before > 0;

    remember(s, trouble);
    if (!single && trouble)
        return step_down(s, running);
    if (!s->peak || s->clean < (single ? STEPDOWN_PROVE : STEPDOWN_MIN))
        return false;
    step_up(s, single ? at_least_one(s->before / 2) : s->limit + at_least_one(s->limit / 4));
    return true;
}

void aimd_init(struct aimd *a, size_t full)
{
    *a = (struct aimd){.full = full, .limit = full};
}

void aimd_limited(struct aimd *a, size_t running)
{
    size_t now = effective(a->limit, running);

    if (!a->peak)
        a->peak = now;
    a->limit = at_least_one(now / 2);
    a->good = 0;
}

bool aimd_ok(struct aimd *a)
{
    if (!a->peak || ++a->good < a->limit)
        return false;
    a->good = 0;
    if (++a->limit >= a->peak) {
        a->limit = a->full;
        a->peak = 0;
    }
    return true;
}
