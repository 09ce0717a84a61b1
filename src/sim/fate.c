/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/fate.h"

#include "sim/dice.h"

/* How long a job of a kind usually takes, and how often what goes wrong with it. */
struct usual {
    int64_t median_ms;
    double fails;
    enum sim_fault by;
};

static const struct usual usual[JOB_KIND_COUNT] = {
    [JOB_SNAPSHOT] = {200, 0.03, SIM_WORKERS},      [JOB_AGENT] = {180000, 0, SIM_FAILING},
    [JOB_BACKUP] = {300, 0.03, SIM_WORKERS},        [JOB_PLAN] = {5000, 0.05, SIM_FAILING},
    [JOB_PLANNER] = {60000, 0, SIM_FAILING},        [JOB_EXPAND] = {100, 0.06, SIM_CHECKS},
    [JOB_CONFIRM] = {3000, 0.05, SIM_REFUSALS},     [JOB_COPY] = {80, 0.04, SIM_WORKERS},
    [JOB_SETUP] = {20000, 0.08, SIM_CHECKS},        [JOB_RESET] = {50, 0.04, SIM_WORKERS},
    [JOB_SETTLE] = {60, 0.03, SIM_WORKERS},         [JOB_JOIN] = {60, 0.03, SIM_WORKERS},
    [JOB_CHECK] = {4000, 0.15, SIM_CHECKS},         [JOB_ON_FAILURE] = {4000, 0.1, SIM_CHECKS},
    [JOB_MEASURE] = {300, 0.04, SIM_WORKERS},       [JOB_CLEANUP] = {1000, 0.1, SIM_CHECKS},
    [JOB_FETCH] = {80, 0.04, SIM_WORKERS},          [JOB_CONSOLIDATE] = {400, 0.04, SIM_WORKERS},
    [JOB_MERGE] = {200, 0.04, SIM_WORKERS},         [JOB_LAND] = {200, 0.05, SIM_WORKERS},
    [JOB_PUSH] = {900, 0.05, SIM_WORKERS},          [JOB_VERIFY_COPY] = {80, 0.04, SIM_WORKERS},
    [JOB_VERIFY_SETUP] = {20000, 0.05, SIM_CHECKS}, [JOB_FINAL_CHECK] = {4000, 0.2, SIM_CHECKS},
    [JOB_DISCARD] = {40, 0.04, SIM_WORKERS},        [JOB_REPORT] = {20, 0.02, SIM_WORKERS},
};

/* How an attempt may come to grief. `model`: only where a model drives the agent. `apart`: with
 * dice of its own, as everything that is added, so that the worlds that there are stay as they are.
 */
struct trouble {
    double chance;
    enum sim_fault by;
    enum attempt_error error;
    int32_t exit_code, signal;
    enum claim claim;
    bool model, apart;
};

static const struct trouble troubles[] = {
    {0.05, SIM_FAILING, ERROR_FAILED, 1, 0, CLAIM_NONE, false},
    {0.02, SIM_FAILING, ERROR_FAILED, 0, 0, CLAIM_FAILED, true},
    {0.02, SIM_FAILING, ERROR_BLOCKED, 0, 0, CLAIM_BLOCKED, true},
    {0.02, SIM_FAILING, ERROR_REFUSED, 0, 0, CLAIM_NONE, true},
    {0.01, SIM_FAILING, ERROR_CONTEXT_FULL, 1, 0, CLAIM_NONE, true},
    {0.04, SIM_FLAKY, ERROR_TRANSIENT, 1, 0, CLAIM_NONE, true},
    {0.04, SIM_FLAKY, ERROR_CRASH, -1, 11, CLAIM_NONE, false},
    {0.02, SIM_FLAKY, ERROR_MALFORMED, 0, 0, CLAIM_NONE, false},
    {0.01, SIM_FLAKY, ERROR_LIMIT, -1, 9, CLAIM_NONE, false, true},
    {0.06, SIM_RATES, ERROR_RATE_LIMIT, 1, 0, CLAIM_NONE, true},
    {0.01, SIM_QUOTAS, ERROR_QUOTA, 1, 0, CLAIM_NONE, true},
    {0.01, SIM_QUOTAS, ERROR_AUTH, 1, 0, CLAIM_NONE, true},
};

/* What dice and memory a fate is drawn with. */
struct drawing {
    const struct search_fates *fates;
    const struct errand *errand;
    uint64_t identity; /* of the errand, and how often it came */
    struct dice dice;
    struct arena *arena;
};

static bool happens_by(struct drawing *d, struct dice *dice, enum sim_fault fault, double chance)
{
    bool rolled = dice_chance(dice, chance * d->fates->odds[fault]);
    struct accident trouble = {.kind = ACCIDENT_TROUBLE, .at = d->identity};

    if (!rolled || !d->fates->accidents)
        return rolled;
    if (!accident_happens(d->fates->accidents, rolled, &trouble))
        return false;
    d->fates->accidents->troubles[fault]++;
    return true;
}

static bool happens(struct drawing *d, enum sim_fault fault, double chance)
{
    return happens_by(d, &d->dice, fault, chance);
}

static void draw_spent(struct drawing *d, struct outcome *o)
{
    o->cpu_us = dice_below(&d->dice, 60000000);
    o->max_rss_kib = dice_below(&d->dice, 500000);
    if (!d->errand->model)
        return;
    o->tokens = dice_below(&d->dice, 20000);
    o->counts = (struct token_counts){.input = o->tokens};
    o->usd = dice_chance(&d->dice, 0.1) ? -1 : 0.001 * dice_below(&d->dice, 400);
}

static uint64_t identity(const struct errand *e, uint32_t nth)
{
    uint64_t hash = dice_mix(e->job.kind, e->generation);

    hash = dice_mix(hash, (uint64_t)e->id.part[0] << 32 | e->id.part[1]);
    hash = dice_mix(hash, (uint64_t)e->job.agent << 32 | e->job.index);
    /* A check on a result is a check on these branches together. */
    for (const char *c = e->commit; *c; c++)
        hash = dice_mix(hash, (unsigned char)*c);
    return dice_mix(hash, (uint64_t)e->job.attempt << 32 | nth);
}

/* A session of its own, if it does not go on with one; some programs have none. */
static void draw_session(struct drawing *d, uint32_t nth, struct outcome *o)
{
    const struct errand *e = d->errand;

    if (!e->model || dice_chance(&d->dice, 0.2))
        return;
    o->session = e->session[0]
                     ? e->session
                     : arena_format(d->arena, "s%llx", (unsigned long long)identity(e, nth));
    o->session_way = e->way;
    o->context_tokens = dice_below(&d->dice, 200000);
    o->context_window = dice_chance(&d->dice, 0.7) ? 200000 : 0;
}

/* An agent that says it is done and was not seen to do anything, or that only talked. */
static void draw_observed(struct drawing *d, struct fate *fate)
{
    struct outcome *o = &fate->outcome;

    o->worked = !happens(d, SIM_FAILING, 0.03);
    if (!d->errand->model)
        return;
    if (o->worked && !happens(d, SIM_FAILING, 0.05))
        o->tool_calls = 1 + dice_below(&d->dice, 20);
    fate->idle = !o->tool_calls && dice_chance(&d->dice, 0.7);
}

static void draw_good_end(struct drawing *d, struct fate *fate)
{
    struct outcome *o = &fate->outcome;
    struct metric *metric = ARENA_NEW(d->arena, struct metric);

    *metric = (struct metric){.name = "files", .value = dice_below(&d->dice, 50)};
    o->claim = dice_chance(&d->dice, 0.7) ? CLAIM_OK : CLAIM_NONE;
    o->summary = "it is mended";
    o->metrics = (struct metrics){.at = metric, .count = dice_below(&d->dice, 2)};
    o->findings = dice_below(&d->dice, 4);
    draw_observed(d, fate);
}

/* Times come and go for a whole program or its provider, by turns of WEATHER_MS: in a storm it
 * turns nearly all away, and one that flaps crashes in every other turn. */
static bool weather(struct drawing *d, struct outcome *o)
{
    enum { WEATHER_MS = 600000 };
    const struct errand *e = d->errand;
    uint64_t turn = (uint64_t)(e->asked_ms / WEATHER_MS), where = d->fates->shape.seed;

    for (const char *c = e->agent ? e->agent : ""; *c; c++)
        where = dice_mix(where, (unsigned char)*c);
    bool storm = e->model && dice_mix(where, turn) % 4 == 0;
    bool flaps = (where + turn) % 2 == 0;
    if (storm && happens(d, SIM_STORMS, 0.3)) {
        o->error = ERROR_RATE_LIMIT;
        o->retry_after_ms = 1000 * (int64_t)dice_below(&d->dice, 600);
    } else if (flaps && happens(d, SIM_FLAPPING, 0.3)) {
        o->error = ERROR_CRASH;
    } else {
        return false;
    }
    o->exit_code = 1;
    o->message = attempt_error_name(o->error);
    return true;
}

/* It says that it is done and did nothing, or that it failed and did everything; and its numbers
 * are out of this world. */
static void lie(struct drawing *d, struct fate *fate)
{
    struct outcome *o = &fate->outcome;

    fate->idle = dice_chance(&d->dice, 0.5);
    o->claim = fate->idle ? CLAIM_OK : CLAIM_FAILED;
    o->error = fate->idle ? ERROR_NONE : ERROR_FAILED;
    o->tool_calls = d->errand->model;
    o->worked = true;
    o->findings = UINT32_MAX;
    o->context_tokens = INT64_MAX;
    if (d->errand->model && dice_chance(&d->dice, 0.5)) {
        o->tokens = o->counts.input = 1000000000000;
        o->usd = 1e9;
    }
}

static bool comes(struct drawing *d, const struct trouble *t)
{
    struct dice own;

    if (t->model && !d->errand->model)
        return false;
    dice_seed(&own, dice_mix(dice_mix(d->fates->shape.seed, d->identity), t->error));
    return happens_by(d, t->apart ? &own : &d->dice, t->by, t->chance);
}

static void draw_agent(struct drawing *d, uint32_t nth, struct fate *fate)
{
    struct outcome *o = &fate->outcome;

    draw_spent(d, o);
    draw_session(d, nth, o);
    if (d->errand->limited && happens(d, SIM_HANGING, 0.04)) {
        fate->runs_ms = FATE_NEVER;
        return;
    }
    if (happens(d, SIM_SLOW, 0.05))
        fate->runs_ms *= 100;
    if (weather(d, o))
        return;
    for (size_t i = 0; i < COUNT_OF(troubles); i++) {
        const struct trouble *t = &troubles[i];
        if (!comes(d, t))
            continue;
        o->error = t->error;
        o->exit_code = t->exit_code;
        o->signal = t->signal;
        o->claim = t->claim;
        o->message = attempt_error_name(t->error);
        o->worked = dice_chance(&d->dice, 0.8);
        o->tool_calls = d->errand->model && o->worked ? dice_below(&d->dice, 9) : 0;
        if (t->error == ERROR_RATE_LIMIT && dice_chance(&d->dice, 0.5))
            o->retry_after_ms = 1000 * (int64_t)dice_below(&d->dice, 120);
        return;
    }
    draw_good_end(d, fate);
    if (happens(d, SIM_LYING, 0.05))
        lie(d, fate);
}

/* What a model answers that was asked to plan; as an agent's troubles, and plans that are none. */
static void draw_planner(struct drawing *d, uint32_t nth, struct fate *fate)
{
    struct outcome *o = &fate->outcome;

    draw_agent(d, nth, fate);
    if (fate->runs_ms == FATE_NEVER || o->error != ERROR_NONE || !happens(d, SIM_FAILING, 0.4))
        return;
    o->error = ERROR_MALFORMED;
    o->message = "line 3: it is no plan";
}

static void draw_other(struct drawing *d, const struct usual *how, struct outcome *o)
{
    enum job_kind kind = d->errand->job.kind;

    if (!happens(d, how->by, how->fails))
        return;
    o->exit_code = job_kind_way(kind) == JOB_WAY_COMMAND ? 1 : 128;
    o->message = "it failed";
    o->error = dice_chance(&d->dice, 0.2) ? ERROR_CRASH : ERROR_FAILED;
    if (o->error == ERROR_CRASH) {
        o->exit_code = -1;
        o->signal = 9;
    }
}

static bool asks_somebody(enum job_kind kind)
{
    return kind == JOB_CONFIRM || kind == JOB_LAND || kind == JOB_PUSH;
}

/* The user's branch or the remote may be in the way, which is not an error. */
static void draw_answer(struct drawing *d, struct outcome *o)
{
    static const char *const in_the_way[] = {"notes.txt"};
    bool no = happens(d, SIM_REFUSALS, 0.15);

    if (d->errand->job.kind != JOB_CONFIRM && dice_chance(&d->dice, 0.1)) {
        o->skipped = true;
        o->message = "it is not due";
        return;
    }
    o->yes = !no;
    if (!no)
        return;
    o->message = "no";
    if (d->errand->job.kind == JOB_LAND)
        o->paths =
            (struct strings){.at = arena_copy(d->arena, in_the_way, sizeof in_the_way), .count = 1};
}

/* Now and then a copy takes as long as an agent, and an agent no longer than a copy: what usually
 * comes first comes last. */
static double median_ms(struct drawing *d, const struct usual *how)
{
    static const double any[] = {1, 100, 10000, 600000};

    if (dice_chance(&d->dice, 0.1))
        return any[dice_below(&d->dice, COUNT_OF(any))];
    return d->errand->minutes > 0 ? d->errand->minutes * 60000 : (double)how->median_ms;
}

static void search_draw(const struct fate_source *source, const struct errand *errand, uint32_t nth,
                        struct arena *arena, struct fate *ret)
{
    const struct search_fates *fates = (const struct search_fates *)source;
    const struct usual *how = &usual[errand->job.kind];
    struct drawing d = {.fates = fates, .errand = errand, .arena = arena};

    d.identity = identity(errand, nth);
    dice_seed(&d.dice, dice_mix(fates->shape.seed, d.identity));
    *ret = (struct fate){.delay_ms = dice_below(&d.dice, 200)};
    ret->runs_ms = 1 + (int64_t)dice_lognormal(&d.dice, median_ms(&d, how), 0.8);
    if (dice_chance(&d.dice, 0.03))
        ret->runs_ms *= 20;
    if (errand->job.kind == JOB_AGENT) {
        draw_agent(&d, nth, ret);
        return;
    }
    if (errand->job.kind == JOB_PLANNER) {
        draw_planner(&d, nth, ret);
        return;
    }
    draw_other(&d, how, &ret->outcome);
    if (ret->outcome.error == ERROR_NONE && asks_somebody(errand->job.kind))
        draw_answer(&d, &ret->outcome);
    ret->untold = job_kind_way(errand->job.kind) == JOB_WAY_WORKER && happens(&d, SIM_LOST, 0.03);
}

/* Some of what may go wrong is left out of each world and some of it is a plague in it: a search
 * where everything is always a little likely finds less (Groce and others, "Swarm Testing", 2012).
 */
void search_fates_init(struct search_fates *fates, const struct shape *shape)
{
    static const double moods[] = {0, 0, 0, 0.2, 0.5, 1, 2, 5};
    struct dice d;

    *fates = (struct search_fates){.source = {.draw = search_draw}, .shape = *shape};
    dice_seed(&d, dice_mix(shape->seed, 0x6d6f6f64));
    for (int i = 0; i < SIM_FAULT_COUNT; i++) {
        double mood = moods[dice_below(&d, COUNT_OF(moods))];
        fates->odds[i] = shape_has(shape, (enum sim_fault)i) ? mood : 0;
    }
}
