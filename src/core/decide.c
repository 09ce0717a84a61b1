/* SPDX-License-Identifier: Apache-2.0 */
#include "core/decide.h"

#include "base/text.h"
#include "base/vector.h"
#include "core/claims.h"
#include "core/work.h"

#include <string.h>

static const char *const pattern_words[] = {
    [PATTERN_AUTO] = "auto",
    [PATTERN_META] = "meta",
    [PATTERN_WAVES] = "waves",
};

static const char *const criterion_words[CRITERION_COUNT] = {
#define CRITERION_WORD(name, word) [CRITERION_##name] = word,
    CRITERIA(CRITERION_WORD)
#undef CRITERION_WORD
};

/* What the criteria look at. */
struct question {
    const struct plan *plan;
    unsigned depth;
    struct decide_options options; /* defaults filled in */
    struct arena *arena;
    const struct fan_unit *units;
    size_t unit_count;
    struct decision *ret;
};

const char *pattern_name(enum pattern_choice pattern)
{
    return pattern_words[pattern];
}

static struct decide_options with_defaults(const struct decide_options *given)
{
    struct decide_options options = *given;

    options.min_subtasks = options.min_subtasks ? options.min_subtasks : 2;
    options.min_steps = options.min_steps ? options.min_steps : 3;
    options.min_minutes = options.min_minutes > 0 ? options.min_minutes : 10;
    options.min_speedup = options.min_speedup > 0 ? options.min_speedup : 2;
    return options;
}

/* A subtask with a for_each whose items are not known yet, or NULL. */
static const struct plan_subtask *find_unknown(const struct question *q)
{
    for (size_t i = 0; i < q->plan->subtask_count; i++)
        if (fan_of_subtask(q->plan, i, q->options.estimate.known) == FAN_UNKNOWN)
            return &q->plan->subtasks[i];
    return NULL;
}

/* What a subtask lacks to be a child, or NULL. */
static const char *too_small(const struct question *q, size_t subtask)
{
    const struct plan_subtask *s = &q->plan->subtasks[subtask];
    size_t steps = plan_subtask_steps(s);
    double minutes = estimate_subtask(q->plan, subtask, &q->options.estimate);

    if (steps < q->options.min_steps)
        return arena_format(q->arena, "'%s' has %zu step%s and needs %zu", s->title, steps,
                            steps == 1 ? "" : "s", q->options.min_steps);
    if (estimate_round(minutes) < q->options.min_minutes)
        return arena_format(q->arena, "'%s' is estimated at %.4g min and needs %.4g", s->title,
                            estimate_round(minutes), q->options.min_minutes);
    return NULL;
}

static void judge_subtasks(const struct question *q, struct criterion *c)
{
    const struct plan_subtask *unknown = find_unknown(q);
    const char *first = NULL;
    size_t small = 0;

    if (q->unit_count < q->options.min_subtasks && !unknown) {
        c->why = arena_format(q->arena, "there %s %zu subtask%s and it takes %zu",
                              q->unit_count == 1 ? "is" : "are", q->unit_count,
                              q->unit_count == 1 ? "" : "s", q->options.min_subtasks);
        return;
    }
    for (size_t i = 0; i < q->plan->subtask_count; i++) {
        const char *why = too_small(q, i);
        first = first ? first : why;
        small += why != NULL;
    }
    if (small > 1)
        c->why = arena_format(q->arena, "%s (and %zu more are too small)", first, small - 1);
    else if (small)
        c->why = first;
    else if (unknown)
        c->why = arena_format(q->arena,
                              "each subtask has %zu or more steps and %.4g or more minutes; how "
                              "many items '%s' has is not known yet",
                              q->options.min_steps, q->options.min_minutes, unknown->title);
    else
        c->why = arena_format(q->arena,
                              "%zu subtasks, each with %zu or more steps and %.4g or more minutes",
                              q->unit_count, q->options.min_steps, q->options.min_minutes);
    c->holds = small == 0;
}

/* The first depends_on, in words, or NULL. */
static const char *find_dependency(const struct question *q)
{
    for (size_t i = 0; i < q->plan->subtask_count; i++) {
        const struct plan_subtask *s = &q->plan->subtasks[i];
        if (s->depends_count)
            return arena_format(q->arena, "'%s' depends on '%s'", s->title,
                                q->plan->subtasks[s->depends_on[0]].title);
    }
    return NULL;
}

static const char *unit_name(const struct question *q, size_t unit)
{
    const struct fan_unit *u = &q->units[unit];
    const char *title = q->plan->subtasks[u->subtask].title;

    return u->item ? arena_format(q->arena, "'%s' for '%s'", title, u->item)
                   : arena_format(q->arena, "'%s'", title);
}

/* Two units that may write one path, in words, or NULL. */
static const char *find_overlap(const struct question *q)
{
    VECTOR(struct glob_claim) claims = {0};
    struct glob_claim_pair pair;
    bool met = false;

    for (size_t u = 0; u < q->unit_count; u++) {
        const struct plan_subtask *s = &q->plan->subtasks[q->units[u].subtask];
        struct strings writes = work_writes(s, q->units[u].item, q->arena);
        for (size_t i = 0; i < writes.count; i++)
            vector_push(&claims, (struct glob_claim){writes.at[i], u});
    }
    if (claims.count)
        met = claims_meet(claims.at, claims.count, &pair);
    vector_free(&claims);
    if (!met)
        return NULL;
    return arena_format(q->arena, "%s and %s may write the same path: '%s' meets '%s'",
                        unit_name(q, pair.a.owner), unit_name(q, pair.b.owner), pair.a.glob,
                        pair.b.glob);
}

/* Items that are not known yet will meet in a glob that does not name the item. */
static const char *find_shared_glob(const struct question *q)
{
    for (size_t i = 0; i < q->plan->subtask_count; i++) {
        const struct plan_subtask *s = &q->plan->subtasks[i];
        if (fan_of_subtask(q->plan, i, q->options.estimate.known) != FAN_UNKNOWN)
            continue;
        for (size_t k = 0; k < s->writes.count; k++)
            if (!strstr(s->writes.at[k], "{{"))
                return arena_format(q->arena, "every item of '%s' may write '%s'", s->title,
                                    s->writes.at[k]);
    }
    return NULL;
}

static void judge_dependencies(const struct question *q, struct criterion *c)
{
    const char *why = find_dependency(q);
    size_t silent = 0;

    if (!why)
        why = find_overlap(q);
    if (!why)
        why = find_shared_glob(q);
    c->holds = !why;
    c->why = why;
    if (why)
        return;
    for (size_t i = 0; i < q->plan->subtask_count; i++)
        silent += work_writes(&q->plan->subtasks[i], NULL, q->arena).count == 0;
    c->why = silent ? arena_format(q->arena,
                                   "no subtask depends on another and no writes overlap (%zu of "
                                   "%zu do not say what they write)",
                                   silent, q->plan->subtask_count)
                    : "no subtask depends on another and no writes overlap";
}

static void judge_depth(const struct question *q, struct criterion *c)
{
    c->holds = q->depth == 0;
    c->why = c->holds ? "the depth is 0"
                      : arena_format(q->arena,
                                     "the depth is %u, and only depth 0 may start child "
                                     "orchestrators",
                                     q->depth);
}

static void judge_benefit(const struct question *q, struct criterion *c)
{
    const struct estimate *e = &q->ret->estimate;
    const struct plan_subtask *unknown = find_unknown(q);
    double saved = e->waves_minutes - e->meta_minutes;
    const char *figures = arena_format(
        q->arena, "%.6g min of waves one after the other against %.6g min as children, %.4gx",
        e->waves_minutes, e->meta_minutes, e->speedup);

    c->holds = saved > 0 && e->speedup > q->options.min_speedup;
    if (c->holds) {
        c->why = arena_format(q->arena, "%s: above %.4gx, and coordination is included", figures,
                              q->options.min_speedup);
    } else if (unknown) {
        /* Each further item adds to the waves and not to the children. */
        c->holds = true;
        c->why =
            arena_format(q->arena, "%s with a single item of '%s', whose number is not known yet",
                         figures, unknown->title);
    } else if (saved > 0) {
        c->why = arena_format(q->arena, "%s: not above %.4gx", figures, q->options.min_speedup);
    } else {
        c->why = arena_format(q->arena, "%s: nothing is saved, coordination included", figures);
    }
}

static bool holds(const struct decision *d, enum criterion_index i)
{
    return d->criteria[i].holds;
}

static bool holds_all(const struct decision *d)
{
    for (int i = 0; i < CRITERION_COUNT; i++)
        if (!d->criteria[i].holds)
            return false;
    return true;
}

/* What does not hold, in words. */
static const char *objections(const struct question *q)
{
    AUTO_TEXT t = {0};

    for (int i = 0; i < CRITERION_COUNT; i++)
        if (!q->ret->criteria[i].holds)
            text_printf(&t, "%s%s", t.length ? "; " : "", q->ret->criteria[i].why);
    return arena_string(q->arena, text_get(&t));
}

static const char *explain_meta(const struct question *q)
{
    const struct estimate *e = &q->ret->estimate;

    if (q->ret->forced)
        return arena_format(q->arena, "child orchestrators as asked for, although %s",
                            objections(q));
    return arena_format(q->arena,
                        "%zu independent subtask%s, each with waves of its own: child "
                        "orchestrators take about %.4g min instead of %.6g",
                        e->children, e->children == 1 ? "" : "s", e->meta_minutes,
                        e->waves_minutes);
}

static const char *explain_waves(const struct question *q)
{
    const char *who = "specialised agents in waves";

    if (q->options.forced == PATTERN_META)
        return arena_format(q->arena, "%s although child orchestrators were asked for: %s", who,
                            objections(q));
    if (q->ret->forced)
        return arena_format(q->arena, "%s, as asked for", who);
    return arena_format(q->arena, "%s: %s", who, objections(q));
}

static void conclude(const struct question *q)
{
    struct decision *d = q->ret;
    bool possible = holds(d, CRITERION_DEPTH) && holds(d, CRITERION_DEPENDENCIES);
    enum pattern_choice own = holds_all(d) ? PATTERN_META : PATTERN_WAVES;

    d->pattern = own;
    if (q->options.forced == PATTERN_WAVES)
        d->pattern = PATTERN_WAVES;
    if (q->options.forced == PATTERN_META && possible && q->unit_count)
        d->pattern = PATTERN_META;
    d->forced = d->pattern != own;
    d->rationale = d->pattern == PATTERN_META ? explain_meta(q) : explain_waves(q);
}

void decide(const struct plan *plan, unsigned depth, const struct decide_options *options,
            struct arena *arena, struct decision *ret)
{
    static void (*const judges[CRITERION_COUNT])(const struct question *, struct criterion *) = {
        [CRITERION_SUBTASKS] = judge_subtasks,
        [CRITERION_DEPENDENCIES] = judge_dependencies,
        [CRITERION_DEPTH] = judge_depth,
        [CRITERION_BENEFIT] = judge_benefit,
    };
    struct question q = {
        .plan = plan,
        .depth = depth,
        .options = with_defaults(options),
        .arena = arena,
        .ret = ret,
    };

    *ret = (struct decision){0};
    q.units = fan_units(plan, q.options.estimate.known, arena, &q.unit_count);
    estimate_plan(plan, &q.options.estimate, &ret->estimate);
    for (int i = 0; i < CRITERION_COUNT; i++) {
        ret->criteria[i].name = criterion_words[i];
        judges[i](&q, &ret->criteria[i]);
    }
    conclude(&q);
}
