/* SPDX-License-Identifier: Apache-2.0 */
#include "core/admission.h"

#include <stddef.h>

enum { CALM_LOOKS = 2, DEADBAND = 8 };
/* Of PSI's "some" for memory. What is normal stays below 1 %; systemd-oomd kills at 60 %. */
enum { STALLED_HOLD_PERMILLE = 100, STALLED_LOWER_PERMILLE = 250 };

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* A share of the total, but no more than `most`: a twentieth of a large disk is plenty. */
struct mark {
    uint64_t permille, most;
};

/* `each` is what the smallest agent takes; what larger ones take is seen at the next look. */
static const struct {
    struct mark hold, lower;
    uint64_t each;
} parts[ADMISSION_CAUSE_COUNT] = {
    [ADMISSION_MEMORY] = {{100, 2 * GIB}, {50, GIB}, 8 * MIB},
    [ADMISSION_DESCRIPTORS] = {{100, 256}, {50, 128}, 1},
    [ADMISSION_PROCESSES] = {{100, 1024}, {50, 512}, 4},
    [ADMISSION_DISK] = {{50, 2 * GIB}, {20, 512 * MIB}, MIB},
};

static const struct {
    const char *word, *sentence;
} words[ADMISSION_CAUSE_COUNT] = {
#define ADMISSION_CAUSE_WORDS(name, word, sentence) [ADMISSION_##name] = {word, sentence},
    ADMISSION_CAUSES(ADMISSION_CAUSE_WORDS)
#undef ADMISSION_CAUSE_WORDS
};

const char *admission_cause_name(enum admission_cause cause)
{
    return words[cause].word;
}

const char *admission_cause_sentence(enum admission_cause cause)
{
    return words[cause].sentence;
}

static uint64_t mark_at(struct mark mark, uint64_t total)
{
    uint64_t share = total / 1000 * mark.permille + total % 1000 * mark.permille / 1000;

    return share < mark.most ? share : mark.most;
}

/* How many may run, in two steps of alarm. */
struct bearing {
    uint32_t running; /* now */
    uint32_t held;    /* no more than these */
    uint32_t lowered; /* fewer than these */
};

static struct bearing bearing_of(const struct admission *a, uint32_t running)
{
    uint32_t limit = a->level.limit;
    uint32_t held = limit ? limit : running;

    /* While more run than may, the last step has not had its effect yet. */
    return (struct bearing){.running = running,
                            .held = held,
                            .lowered =
                                running > held ? held : running - running / 4 - (running % 4 != 0)};
}

static uint64_t part_bears(enum admission_cause cause, const struct machine_part *p,
                           const struct bearing *b)
{
    uint64_t hold = mark_at(parts[cause].hold, p->total);

    if (!p->total)
        return UINT64_MAX;
    if (p->left < mark_at(parts[cause].lower, p->total))
        return b->lowered;
    if (p->left < hold)
        return b->held;
    return b->running + (p->left - hold) / parts[cause].each;
}

static uint64_t stall_bears(uint32_t stalled_permille, const struct bearing *b)
{
    if (stalled_permille >= STALLED_LOWER_PERMILLE)
        return b->lowered;
    return stalled_permille >= STALLED_HOLD_PERMILLE ? b->held : UINT64_MAX;
}

/* What the scarcest part bears, 1 or more. */
static uint64_t bears(const struct machine_reading *r, const struct bearing *b,
                      enum admission_cause *ret_cause)
{
    uint64_t least = stall_bears(r->stalled_permille, b);

    *ret_cause = ADMISSION_MEMORY;
    for (enum admission_cause c = ADMISSION_NONE + 1; c < ADMISSION_CAUSE_COUNT; c++) {
        uint64_t n = part_bears(c, &r->of[c], b);
        if (n >= least)
            continue;
        least = n;
        *ret_cause = c;
    }
    return least ? least : 1;
}

static bool lower(struct admission *a, uint32_t limit, enum admission_cause cause)
{
    a->calm = 0;
    a->level = (struct admission_level){.limit = limit, .cause = cause};
    return true;
}

static bool raise(struct admission *a, uint64_t most, uint32_t wanted)
{
    uint64_t limit = a->level.limit + (uint64_t)(a->level.limit + 1) / 2;

    if (++a->calm < CALM_LOOKS)
        return false;
    a->calm = 0;
    limit = limit < most ? limit : most;
    if (limit >= wanted)
        a->level = (struct admission_level){0};
    else
        a->level.limit = (uint32_t)limit;
    return true;
}

bool admission_look(struct admission *a, const struct machine_reading *r, uint32_t running,
                    uint32_t wanted)
{
    enum admission_cause cause;
    struct bearing b = bearing_of(a, running);
    uint64_t most = bears(r, &b, &cause);
    uint64_t now = a->level.limit ? a->level.limit : wanted;
    uint64_t slack = most > running ? now / DEADBAND : 0;

    /* What is only foreseen wavers: a little more or less than now is as much as now. */
    if (most < now - slack)
        return lower(a, (uint32_t)most, cause);
    if (a->level.limit && most > now + slack)
        return raise(a, most, wanted);
    a->calm = 0;
    return false;
}
