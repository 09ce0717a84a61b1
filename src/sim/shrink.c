/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts a failing history down. Its accidents are a script from the first step on, so that one can
 * go and the others stay (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
 * Input", 2002). A smaller world is another one, where the same accident may have another place:
 * if the script does not break it, the dice may.
 */
#include "sim/search.h"

enum { PLAYS_MAX = 6000, POINTS_MAX = 300, SHIFT_MAX = 3 };

static const double chances[] = {0, 0.01, 0.1};

/* The least failure so far. */
struct cut {
    struct search_failure best;
    unsigned plays;
};

/* What breaks the same invariant is the new best. */
static bool take_if_broken(struct cut *c, const struct play_options *o)
{
    struct search_failure found;

    if (c->plays++ >= PLAYS_MAX || !search_play(o, &found))
        return false;
    if (found.broken != c->best.broken) {
        search_failure_free(&found);
        return false;
    }
    search_failure_free(&c->best);
    c->best = found;
    c->best.scripted = true;
    c->best.forced = false;
    c->best.crash_chance = 0;
    return true;
}

static bool breaks_scripted(struct cut *c, const struct shape *shape, const struct script *script)
{
    const struct play_options o = {
        .shape = *shape, .journal = c->best.journal, .mutant = c->best.mutant, .script = script};

    return take_if_broken(c, &o);
}

/* With the dice of the smaller world, and a crash here, there or at one point. */
static bool breaks_diced(struct cut *c, const struct shape *shape)
{
    struct play_options o = {.shape = *shape, .journal = c->best.journal, .mutant = c->best.mutant};
    size_t ways = shape_has(shape, SIM_CRASHES) ? COUNT_OF(chances) : 1;

    for (size_t i = 0; i < ways; i++) {
        o.crash_chance = chances[i];
        if (take_if_broken(c, &o))
            return true;
    }
    o.crash_chance = 0;
    for (uint32_t i = 0; ways > 1 && i < POINTS_MAX; i++) {
        const struct accident crash = {.kind = ACCIDENT_CRASH, .at = i};
        o.forced = &crash;
        if (take_if_broken(c, &o))
            return true;
    }
    return false;
}

static bool smaller_shape(struct cut *c, struct shape shape)
{
    struct script script;

    script_copy(&c->best.script, &script);
    bool broken = breaks_scripted(c, &shape, &script) || breaks_diced(c, &shape);
    script_free(&script);
    return broken;
}

static bool cut_sizes(struct cut *c)
{
    bool any = false;

    for (int which = 0; which < 3; which++) {
        for (;;) {
            struct shape shape = c->best.shape;
            uint32_t *const sizes[] = {&shape.children, &shape.steps, &shape.agents};
            if (*sizes[which] <= 1)
                break;
            (*sizes[which])--;
            if (!smaller_shape(c, shape))
                break;
            any = true;
        }
    }
    return any;
}

static bool cut_faults(struct cut *c)
{
    bool any = false;

    for (int fault = 0; fault < SIM_FAULT_COUNT; fault++) {
        struct shape shape = c->best.shape;
        if (!shape_has(&shape, (enum sim_fault)fault))
            continue;
        shape.faults &= ~(1u << fault);
        any |= breaks_scripted(c, &shape, &c->best.script);
    }
    return any;
}

static bool is_of_turn(enum accident_kind kind)
{
    return kind == ACCIDENT_SLEEP || kind == ACCIDENT_KEEPER || kind == ACCIDENT_STALE ||
           (kind >= ACCIDENT_DRAIN && kind <= ACCIDENT_CHILD);
}

/* All but some; those that belong to a crash point, or to a turn, at one that is later by `by`. */
static bool breaks_without(struct cut *c, size_t first, size_t count, bool turns, int by)
{
    struct script rest = {0};

    for (size_t i = 0; i < c->best.script.list.count; i++) {
        struct accident a = c->best.script.list.at[i];
        if (i >= first && i < first + count)
            continue;
        if (turns ? is_of_turn(a.kind) : a.kind == ACCIDENT_CRASH)
            a.at += (uint64_t)(int64_t)by;
        vector_push(&rest.list, a);
    }
    bool broken = breaks_scripted(c, &c->best.shape, &rest);
    script_free(&rest);
    return broken;
}

/* Without one accident a turn more or fewer may pass before the next. */
static bool without(struct cut *c, size_t first, size_t count)
{
    if (breaks_without(c, first, count, true, 0))
        return true;
    for (int by = 1; count == 1 && by <= SHIFT_MAX; by++)
        for (int way = 0; way < 4; way++)
            if (breaks_without(c, first, count, way & 1, way & 2 ? by : -by))
                return true;
    return false;
}

/* Pieces of all, of half, of a quarter of the accidents, and so on down to one. */
static bool cut_accidents(struct cut *c)
{
    bool any = false;

    for (size_t piece = c->best.script.list.count; piece; piece /= 2) {
        for (size_t first = 0; first < c->best.script.list.count;) {
            if (without(c, first, piece))
                any = true;
            else
                first += piece;
        }
    }
    return any;
}

void search_shrink(const struct search_failure *failure, struct search_failure *ret)
{
    struct cut c = {.best = *failure};
    bool any = true;

    c.best.why = mem_string(failure->why);
    script_copy(&failure->script, &c.best.script);
    /* The script alone has to do what the dice did. */
    if (breaks_scripted(&c, &c.best.shape, &failure->script))
        while (any) {
            any = cut_accidents(&c);
            any = cut_sizes(&c) || any;
            any = cut_faults(&c) || any;
        }
    *ret = c.best;
}
