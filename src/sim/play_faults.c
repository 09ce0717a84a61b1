/* SPDX-License-Identifier: Apache-2.0 */
/* What befalls an engine that lives on: the machine sleeps, the keeper dies, old ends are told. */
#include "sim/play_priv.h"

enum { SLEEP_MS = 12 * 3600000 };

bool play_was_done(void *context, uint32_t job)
{
    struct play *p = context;
    struct accident half = {.kind = ACCIDENT_HALF, .at = job};

    return accident_happens(&p->accidents, dice_chance(&p->dice, 0.5), &half);
}

static bool happens(struct play *p, enum sim_fault fault, double chance, struct accident *a)
{
    bool rolled = play_strikes(p, a->kind, a->at, chance * p->own_fates.odds[fault]);

    return accident_happens(&p->accidents, rolled, a);
}

/* Nothing runs meanwhile, and no timer of the engine's goes on; only the clock does. */
static void sleep_on(struct play *p)
{
    struct accident a = {.kind = ACCIDENT_SLEEP, .at = p->turns};

    a.amount = 1 + (int64_t)(dice_mix(p->options->shape.seed, p->turns) % SLEEP_MS);
    if (!happens(p, SIM_SLEEPS, 0.01, &a))
        return;
    play_trace(p, "SLEEP of %lld ms", (long long)a.amount);
    p->clock_offset_ms += a.amount;
}

static void lose_keeper(struct play *p)
{
    struct accident a = {.kind = ACCIDENT_KEEPER, .at = p->turns};

    if (!happens(p, SIM_KEEPERS, 0.005, &a))
        return;
    play_trace(p, "KEEPER dies");
    world_keeper_dies(&p->world, play_was_done, p);
}

static void tell_again(struct play *p)
{
    struct accident a = {.kind = ACCIDENT_STALE, .at = p->turns};
    uint32_t count = (uint32_t)p->tree->jobs.count;

    if (!count)
        return;
    a.amount = (int64_t)(dice_mix(p->options->shape.seed, p->turns) % count);
    if (!happens(p, SIM_STALE, 0.02, &a) || a.amount >= count)
        return;
    agenda_add(&p->inbox, (struct agenda_entry){.at_ms = p->world.now_ms,
                                                .what = INBOX_STALE,
                                                .which = (uint32_t)a.amount});
}

void play_faults(struct play *p)
{
    if (p->options->unchecked)
        return;
    sleep_on(p);
    lose_keeper(p);
    tell_again(p);
}
