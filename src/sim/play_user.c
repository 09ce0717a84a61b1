/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/play_priv.h"

enum { NEVER = UINT32_MAX, WISHES_TURNS = 120, REQUESTS_MAX = 4, LIMIT_MOST = 6 };

static void plan_interrupts(struct play *p)
{
    double odds = p->own_fates.odds[SIM_INTERRUPTS];
    uint32_t turn = p->turns + 1 + dice_below(&p->dice, WISHES_TURNS);

    for (int i = 0; i < 3; i++)
        p->interrupt_turn[i] = NEVER;
    if (!dice_chance(&p->dice, 0.25 * odds))
        return;
    /* People begin gently, lose patience, or are rude from the start. */
    uint32_t gentle = dice_below(&p->dice, 10);
    if (gentle < 7)
        p->interrupt_turn[0] = turn;
    if (gentle < 4 || gentle >= 7)
        p->interrupt_turn[1] = turn + dice_below(&p->dice, 6);
    if (gentle == 0 || gentle == 9)
        p->interrupt_turn[2] = turn + dice_below(&p->dice, 12);
}

void user_init(struct play *p)
{
    plan_interrupts(p);
    p->child_turn = NEVER;
    if (dice_chance(&p->dice, 0.2 * p->own_fates.odds[SIM_REQUESTS]))
        p->child_turn = 1 + dice_below(&p->dice, WISHES_TURNS);
}

void user_resumes(struct play *p)
{
    plan_interrupts(p);
}

static bool interrupts(struct play *p, struct event *ret)
{
    static const enum accident_kind kinds[] = {ACCIDENT_DRAIN, ACCIDENT_STOP, ACCIDENT_FINAL};

    for (int i = 2; i >= 0; i--) {
        struct accident a = {.kind = kinds[i], .at = p->turns};
        if (!accident_happens(&p->accidents, p->turns >= p->interrupt_turn[i], &a))
            continue;
        for (int k = i; k >= 0; k--)
            p->interrupt_turn[k] = NEVER;
        *ret = (struct event){.kind = EVENT_INTERRUPTED, .level = (enum interrupt_level)(i + 1)};
        return true;
    }
    return false;
}

/* An agent asks for children; deeper ones than the root's are not allowed to, and try. */
static bool agent_asks(struct play *p, struct event *ret)
{
    bool rolled = !p->child_asked && p->turns >= p->child_turn;
    struct accident a = {ACCIDENT_CHILD, p->turns, p->child_turn};

    if (p->child_asked || !accident_due(&p->accidents, rolled, &a))
        return false;
    for (uint32_t i = 0; i < p->world.jobs.count; i++) {
        const struct world_job *j = &p->world.jobs.at[i];
        if (j->phase != WORLD_RUNNING || j->errand.job.kind != JOB_AGENT)
            continue;
        struct outcome *o = ARENA_NEW(&p->arena, struct outcome);
        (void)accident_happens(&p->accidents, rolled, &a);
        o->plan = plan_gen_request(&p->options->shape, (uint32_t)a.amount, &p->arena);
        *ret = (struct event){
            .kind = EVENT_CHILD_REQUESTED, .child = j->errand.job.orch, .outcome = o};
        p->child_asked = true;
        return true;
    }
    return false;
}

/* Dice of its own: what else happens in a world does not depend on how much the machine bears. */
static bool machine_changes(struct play *p, struct event *ret)
{
    double odds = p->own_fates.odds[SIM_PRESSURE];
    struct dice dice;

    dice_seed(&dice, dice_mix(dice_mix(p->options->shape.seed, 0x70726573), p->turns));
    bool rolled = dice_chance(&dice, 0.05 * odds);
    struct accident a = {.kind = ACCIDENT_PRESSURE, .at = p->turns};
    if (!dice_chance(&dice, 0.3))
        a.amount = 1 + dice_below(&dice, LIMIT_MOST);
    if (!accident_happens(&p->accidents, rolled, &a))
        return false;
    uint32_t limit = (uint32_t)a.amount;
    enum admission_cause some = 1 + dice_below(&dice, ADMISSION_CAUSE_COUNT - 1);
    *ret = (struct event){.kind = EVENT_ADMISSION,
                          .admission = {limit, limit ? some : ADMISSION_NONE}};
    return true;
}

bool user_acts(struct play *p, struct event *ret)
{
    return interrupts(p, ret) || agent_asks(p, ret) || machine_changes(p, ret);
}

static uint32_t some_child(struct play *p, const struct tree *t)
{
    uint32_t start = dice_below(&p->dice, (uint32_t)t->orchs.count);

    for (uint32_t i = 0; i < t->orchs.count; i++) {
        uint32_t at = (start + i) % (uint32_t)t->orchs.count;
        const struct orch *o = &t->orchs.at[at];
        /* Now and then one that is done: nothing is to happen then. */
        if (o->kind == ORCH_CHILD && (o->status != END_DONE || dice_chance(&p->dice, 0.1)))
            return at;
    }
    return ORCH_NONE;
}

bool user_asks_more(struct play *p, const struct tree *t, struct event *ret)
{
    double odds = p->own_fates.odds[SIM_REQUESTS];

    if (p->asked >= REQUESTS_MAX)
        return false;
    bool wish = dice_chance(&p->dice, 0.3 * odds);
    uint32_t child = wish ? some_child(p, t) : ORCH_NONE;
    bool again = child != ORCH_NONE && dice_chance(&p->dice, 0.7);
    struct accident retry = {ACCIDENT_RETRY, p->asked, child};
    struct accident land = {ACCIDENT_LAND, p->asked, 0};
    if (accident_happens(&p->accidents, again, &retry))
        *ret = (struct event){.kind = EVENT_RETRY_REQUESTED, .child = (uint32_t)retry.amount};
    else if (accident_happens(&p->accidents, wish && !again, &land))
        *ret = (struct event){.kind = EVENT_LAND_REQUESTED};
    else
        return false;
    p->asked++;
    return true;
}

/* Dice of its own, as above. */
void user_collects(struct play *p)
{
    struct accident a = {.kind = ACCIDENT_COLLECT, .at = p->asked};
    double odds = p->own_fates.odds[SIM_REQUESTS];

    if (p->options->unchecked ||
        !accident_happens(&p->accidents, play_strikes(p, a.kind, a.at, 0.1 * odds), &a))
        return;
    play_trace(p, "COLLECT: all clones go");
    repo_discard(&p->world.repo, NULL, 0);
}
