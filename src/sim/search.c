/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/search.h"

#include "sim/dice.h"

#include <pthread.h>
#include <stdatomic.h>

enum { CHOSEN_POINTS = 2 };

/* A seed is played with one of them, or each in small worlds. */
static const double chances[] = {0.01, 0.1};

/* What may happen at places that are numbered. */
struct kinds {
    uint64_t first; /* place */
    size_t count;
    enum accident_kind list[5];
};

static const struct kinds in_a_turn = {
    1, 5, {ACCIDENT_DRAIN, ACCIDENT_STOP, ACCIDENT_FINAL, ACCIDENT_CHILD, ACCIDENT_KEEPER}};
static const struct kinds at_a_point = {0, 1, {ACCIDENT_CRASH}};
static const struct kinds in_a_commit = {0, 2, {ACCIDENT_FULL, ACCIDENT_UNTOLD}};

/* What the threads share. The lock guards `ret`; `next` is taken without it. */
struct search {
    const struct search_options *options;
    struct search_result *ret;
    atomic_uint_fast64_t next;
    atomic_bool enough;
    pthread_mutex_t lock;
};

/* How many there are of each kind in a play, to choose from. */
struct places {
    uint32_t points, turns, ends, orchs;
    uint64_t commits;
    uint64_t operations; /* of the disk, where there is one */
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

static void note_failure(const struct play_options *options, struct play_result *result,
                         struct search_failure *ret)
{
    *ret = (struct search_failure){.shape = options->shape,
                                   .forced = options->forced != NULL,
                                   .crash_chance = options->crash_chance,
                                   .scripted = options->script != NULL,
                                   .journal = options->journal,
                                   .script = result->happened,
                                   .mutant = options->mutant,
                                   .events = result->events,
                                   .broken = result->broken,
                                   .why = result->why};
    if (options->forced)
        ret->accident = *options->forced;
}

bool search_play(const struct play_options *options, struct search_failure *ret)
{
    struct play_result result;

    play(options, &result);
    if (!result.broken) {
        play_result_free(&result);
        return false;
    }
    note_failure(options, &result, ret);
    return true;
}

/* Plays once; false if an invariant broke. */
static bool play_once(struct seed_result *seed, const struct play_options *options,
                      struct places *ret)
{
    struct play_result result;

    play(options, &result);
    seed->plays++;
    seed->events += result.events;
    counts_add(&seed->counts, &result.counts);
    if (ret)
        *ret = (struct places){.points = result.crash_points,
                               .turns = result.turns,
                               .ends = result.ends,
                               .orchs = result.orchs,
                               .commits = result.counts.commits,
                               .operations = result.disk_operations};
    if (result.broken)
        note_failure(options, &result, &seed->failure);
    else
        play_result_free(&result);
    return !result.broken;
}

static bool play_with(struct seed_result *seed, struct play_options o, struct accident forced)
{
    o.forced = &forced;
    return play_once(seed, &o, NULL);
}

/* Each kind at each place of some that follow each other; false once something broke. */
static bool play_each(struct seed_result *seed, const struct play_options *o,
                      const struct kinds *kinds, uint64_t places)
{
    bool fine = true;

    for (uint64_t at = 0; fine && at < places; at++)
        for (size_t i = 0; fine && i < kinds->count; i++)
            fine = play_with(seed, *o,
                             (struct accident){.kind = kinds->list[i], .at = kinds->first + at});
    return fine;
}

/* A crash at every point; in every turn everything that may happen in one; each write of the
 * journal refused; at each end of the run a retry of each orchestrator, and a landing. */
static void search_all_places(struct seed_result *seed, const struct play_options *o,
                              const struct places *places, bool crashes)
{
    bool fine = (!crashes || play_each(seed, o, &at_a_point, places->points)) &&
                play_each(seed, o, &in_a_turn, places->turns) &&
                play_each(seed, o, &in_a_commit, places->commits);

    for (uint32_t end = 0; fine && end < places->ends; end++) {
        fine = play_with(seed, *o, (struct accident){.kind = ACCIDENT_LAND, .at = end});
        for (uint32_t i = 1; fine && i < places->orchs; i++)
            fine = play_with(seed, *o, (struct accident){ACCIDENT_RETRY, end, i});
    }
}

/* The program dies, the machine does, there is no more room, and one fails: at each operation of
 * the disk. */
static void search_all_operations(struct seed_result *seed, const struct play_options *o,
                                  const struct places *places)
{
    bool fine = true;

    for (uint64_t at = 1; fine && at <= places->operations; at++)
        for (int strike = DISK_SOUND + 1; fine && strike < DISK_STRIKE_COUNT; strike++)
            fine = play_with(seed, *o, (struct accident){ACCIDENT_STRIKE, at, strike});
}

static void search_some_places(struct seed_result *seed, const struct play_options *o,
                               const struct places *places, bool crashes)
{
    uint64_t number = o->shape.seed;
    bool fine = true;

    for (uint32_t i = 0; fine && crashes && places->points && i < CHOSEN_POINTS; i++)
        fine = play_with(
            seed, *o,
            (struct accident){.kind = ACCIDENT_CRASH, .at = dice_mix(number, i) % places->points});
    if (fine && places->turns)
        (void)play_with(seed, *o,
                        (struct accident){.kind = in_a_turn.list[number % in_a_turn.count],
                                          .at = 1 + dice_mix(number, 99) % places->turns});
}

static void search_seed(const struct search_options *options, uint64_t number,
                        struct seed_result *seed)
{
    bool all = options->every_point;
    struct play_options o = {.shape = all ? shape_small(number) : shape_mixed(number),
                             .journal = options->journal,
                             .mutant = options->mutant};
    struct places places;

    if (options->faults)
        o.shape.faults = options->faults;
    bool crashes = shape_has(&o.shape, SIM_CRASHES);
    if (!play_once(seed, &o, &places))
        return;
    for (size_t i = 0; crashes && i < COUNT_OF(chances); i++) {
        o.crash_chance = chances[i];
        if ((all || number % COUNT_OF(chances) == i) && !play_once(seed, &o, NULL))
            return;
    }
    o.crash_chance = 0;
    if (all && options->journal)
        search_all_operations(seed, &o, &places);
    else if (all)
        search_all_places(seed, &o, &places, crashes);
    else
        search_some_places(seed, &o, &places, crashes);
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
    /* A process has one disk. */
    unsigned threads = options->threads && !options->journal ? options->threads : 1;
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
    script_free(&f->script);
}

void search_result_free(struct search_result *r)
{
    for (size_t i = 0; i < r->failures.count; i++)
        search_failure_free(&r->failures.at[i]);
    vector_free(&r->failures);
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

static void add_accident(const struct accident *a, struct text *out)
{
    struct script one = {.list = {.at = (struct accident *)a, .count = 1}};

    text_add(out, " --force ");
    script_write(&one, out);
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
    if (f->scripted) {
        text_add(out, " --script ");
        script_write(&f->script, out);
    }
    if (f->forced)
        add_accident(&f->accident, out);
    if (f->journal)
        text_add(out, " --journal");
    if (f->crash_chance > 0)
        text_printf(out, " --crash-chance %g", f->crash_chance);
    if (f->mutant)
        text_printf(out, " --mutant '%s'", f->mutant->name);
}
