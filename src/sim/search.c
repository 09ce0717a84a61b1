/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/search.h"

#include "sim/dice.h"

#include <pthread.h>
#include <stdatomic.h>

enum { CHOSEN_POINTS = 4, SHRINK_POINTS = 600 };

static const double chances[] = {0, 0.01, 0.1};

/* What the threads share. The lock guards `ret`; `next` is taken without it. */
struct search {
    const struct search_options *options;
    struct search_result *ret;
    atomic_uint_fast64_t next;
    atomic_bool enough;
    pthread_mutex_t lock;
};

/* What one seed came to. */
struct seed_result {
    struct search_failure failure; /* broken NULL: it passed */
    uint64_t plays, events;
    struct play_counts counts;
};

static void counts_add(struct play_counts *to, const struct play_counts *from)
{
    /* All of the struct are numbers of one type. */
    const uint64_t *source = (const uint64_t *)from;
    uint64_t *target = (uint64_t *)to;

    for (size_t i = 0; i < sizeof *to / sizeof *target; i++)
        target[i] += source[i];
}

/* Plays once; false if an invariant broke. */
static bool play_once(struct seed_result *seed, const struct play_options *options,
                      uint32_t *ret_points)
{
    struct play_result result;

    play(options, &result);
    seed->plays++;
    seed->events += result.events;
    counts_add(&seed->counts, &result.counts);
    if (ret_points)
        *ret_points = result.crash_points;
    if (!result.broken)
        return true;
    seed->failure = (struct search_failure){.shape = options->shape,
                                            .crash_at = options->crash_at,
                                            .crash_chance = options->crash_chance,
                                            .mutant = options->mutant,
                                            .broken = result.broken,
                                            .why = result.why};
    return false;
}

static void search_points(struct seed_result *seed, struct play_options o, uint32_t points,
                          bool all)
{
    uint32_t tries = all ? points : CHOSEN_POINTS;

    for (uint32_t i = 0; points && i < tries; i++) {
        o.crash_at = all ? i : (uint32_t)(dice_mix(o.shape.seed, i) % points);
        if (!play_once(seed, &o, NULL))
            return;
    }
}

static void search_seed(const struct search_options *options, uint64_t number,
                        struct seed_result *seed)
{
    struct play_options o = {.shape =
                                 options->every_point ? shape_small(number) : shape_usual(number),
                             .crash_at = CRASH_NOWHERE,
                             .mutant = options->mutant};
    uint32_t points = 0;

    if (options->faults)
        o.shape.faults = options->faults;
    bool crashes = shape_has(&o.shape, SIM_CRASHES);
    for (size_t i = 0; i < (crashes ? COUNT_OF(chances) : 1); i++) {
        o.crash_chance = chances[i];
        if (!play_once(seed, &o, i ? NULL : &points))
            return;
    }
    o.crash_chance = 0;
    if (crashes)
        search_points(seed, o, points, options->every_point);
}

static void insert_failure(struct search_result *r, struct search_failure f)
{
    vector_push(&r->failures, f);
    size_t i = r->failures.count - 1;
    for (; i && r->failures.at[i - 1].shape.seed > f.shape.seed; i--)
        r->failures.at[i] = r->failures.at[i - 1];
    r->failures.at[i] = f;
}

static void *search_thread(void *arg)
{
    struct search *s = arg;
    const struct search_options *o = s->options;

    for (;;) {
        uint64_t n = atomic_fetch_add(&s->next, 1);
        struct seed_result seed = {0};
        if (n >= o->seeds || atomic_load(&s->enough))
            return NULL;
        search_seed(o, o->first + n, &seed);
        (void)pthread_mutex_lock(&s->lock);
        s->ret->plays += seed.plays;
        s->ret->events += seed.events;
        counts_add(&s->ret->counts, &seed.counts);
        if (seed.failure.broken) {
            s->ret->failed++;
            insert_failure(s->ret, seed.failure);
        } else {
            s->ret->passed++;
        }
        if (o->after_seed)
            o->after_seed(o->context, s->ret->passed + s->ret->failed,
                          seed.failure.broken ? &seed.failure : NULL);
        if (o->failures_max && s->ret->failed >= o->failures_max)
            atomic_store(&s->enough, true);
        (void)pthread_mutex_unlock(&s->lock);
    }
}

void search_run(const struct search_options *options, struct search_result *ret)
{
    unsigned threads = options->threads ? options->threads : 1;
    AUTO_FREE pthread_t *others = mem_zero(threads * sizeof *others);
    struct search s = {.options = options, .ret = ret, .lock = PTHREAD_MUTEX_INITIALIZER};
    unsigned started = 0;

    *ret = (struct search_result){0};
    /* The caller's thread is one of them: the search goes on with fewer if no more can be had. */
    while (started + 1 < threads && pthread_create(&others[started], NULL, search_thread, &s) == 0)
        started++;
    (void)search_thread(&s);
    for (unsigned i = 0; i < started; i++)
        (void)pthread_join(others[i], NULL);
    (void)pthread_mutex_destroy(&s.lock);
}

void search_failure_free(struct search_failure *f)
{
    /* Each play makes a text of its own; the analyser takes those of two plays for the same. */
    free(f->why); /* NOLINT(clang-analyzer-unix.Malloc) */
    f->why = NULL;
}

void search_result_free(struct search_result *r)
{
    for (size_t i = 0; i < r->failures.count; i++)
        search_failure_free(&r->failures.at[i]);
    vector_free(&r->failures);
}

/* Whether a world breaks the same invariant: without a crash, with some, or with one somewhere. */
static bool breaks(const struct shape *shape, const struct search_failure *like,
                   struct search_failure *ret)
{
    struct play_options o = {.shape = *shape, .crash_at = CRASH_NOWHERE, .mutant = like->mutant};
    uint32_t points = 0, tries = shape_has(shape, SIM_CRASHES) ? SHRINK_POINTS : 0;

    for (uint32_t i = 0; i < COUNT_OF(chances) + tries; i++) {
        struct seed_result seed = {0};
        bool single = i >= COUNT_OF(chances);
        if (single && i - COUNT_OF(chances) >= points)
            break;
        o.crash_at = single ? i - (uint32_t)COUNT_OF(chances) : CRASH_NOWHERE;
        o.crash_chance = single ? 0 : chances[i];
        if (o.crash_chance > 0 && !tries)
            break;
        if (play_once(&seed, &o, i ? NULL : &points))
            continue;
        if (seed.failure.broken == like->broken) {
            *ret = seed.failure;
            return true;
        }
        search_failure_free(&seed.failure);
    }
    return false;
}

static bool smaller(struct search_failure *best, struct shape shape)
{
    struct search_failure found;

    if (!breaks(&shape, best, &found))
        return false;
    search_failure_free(best);
    *best = found;
    return true;
}

static bool reduce(struct search_failure *best)
{
    uint32_t *const sizes[] = {&best->shape.children, &best->shape.steps, &best->shape.agents};
    bool any = false;

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        while (*sizes[i] > 1) {
            uint32_t kept = *sizes[i];
            struct shape shape;
            (*sizes[i])--;
            shape = best->shape;
            *sizes[i] = kept;
            if (!smaller(best, shape))
                break;
            any = true;
        }
    }
    for (int fault = 0; fault < SIM_FAULT_COUNT; fault++) {
        struct shape shape = best->shape;
        if (!shape_has(&shape, (enum sim_fault)fault))
            continue;
        shape.faults &= ~(1u << fault);
        any |= smaller(best, shape);
    }
    return any;
}

void search_shrink(const struct search_failure *failure, struct search_failure *ret)
{
    *ret = *failure;
    ret->why = mem_string(failure->why);
    while (reduce(ret))
        continue;
}

/* What is missing, or what is there: the shorter list. */
static void add_faults(const struct shape *shape, struct text *out)
{
    bool few = __builtin_popcount(shape->faults) * 2 < SIM_FAULT_COUNT;
    const char *separator = few ? " --only " : " --without ";

    if (!shape->faults)
        text_add(out, " --only none");
    for (int i = 0; i < SIM_FAULT_COUNT; i++) {
        if (shape_has(shape, (enum sim_fault)i) != few)
            continue;
        text_printf(out, "%s%s", separator, sim_fault_name((enum sim_fault)i));
        separator = ",";
    }
}

void search_arguments(const struct search_failure *f, struct text *out)
{
    const struct shape usual = shape_usual(f->shape.seed);

    text_printf(out, "--seed %llu", (unsigned long long)f->shape.seed);
    if (f->shape.children != usual.children)
        text_printf(out, " --children %u", f->shape.children);
    if (f->shape.steps != usual.steps)
        text_printf(out, " --steps %u", f->shape.steps);
    if (f->shape.agents != usual.agents)
        text_printf(out, " --agents %u", f->shape.agents);
    add_faults(&f->shape, out);
    if (f->crash_at != CRASH_NOWHERE)
        text_printf(out, " --crash %u", f->crash_at);
    if (f->crash_chance > 0)
        text_printf(out, " --crash-chance %g", f->crash_chance);
    if (f->mutant)
        text_printf(out, " --mutant '%s'", f->mutant->name);
}
