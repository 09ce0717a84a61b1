/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kelp-sim: the fault search from the command line.
 *
 *     kelp-sim --seeds 2000               plays 2000 worlds, some with crashes
 *     kelp-sim --seeds 50 --every-point   small worlds, a crash or an act at each place of each
 *     kelp-sim --seed 123 --force crash@57    plays one again; --verbose shows all of it
 *     kelp-sim --children 100000 --slots 64   weighs a very large run
 *     kelp-sim --soak 8                       hours of work in virtual time
 */
#include "figures.h"
#include "options.h"

#include "base/clock.h"
#include "sim/soak.h"
#include "sim/weight.h"

#include <stdio.h>

enum { PROGRESS_SEEDS = 5000 };

/* The second line is a command. */
static void print_failure(const struct arguments *a, const struct search_failure *f)
{
    AUTO_TEXT again = {0};

    search_arguments(f, &again);
    printf("%s does not hold, %zu accidents and %zu events: %s\n  %s %s\n", f->broken,
           f->script.list.count, f->events, f->why, a->program, text_get(&again));
    (void)fflush(stdout); /* the search may go on for long */
}

static int play_one(const struct arguments *a)
{
    AUTO_TEXT trace = {0};
    struct play_result result;
    struct play_options o = {.shape = a->one.shape,
                             .forced = a->one.forced ? &a->one.accident : NULL,
                             .script = a->one.scripted ? &a->one.script : NULL,
                             .crash_chance = a->one.crash_chance,
                             .journal = a->one.journal,
                             .mutant = a->one.mutant,
                             .trace = &trace};
    struct search_failure failure = a->one, least;

    play(&o, &result);
    if (a->verbose)
        fputs(text_get(&trace), stdout);
    printf("%zu events, %u crash points, %.1f minutes\n", result.events, result.crash_points,
           (double)result.makespan_ms / 60000);
    bool broken = result.broken != NULL;
    if (broken) {
        failure.script = result.happened;
        failure.events = result.events;
        failure.broken = result.broken;
        failure.why = result.why;
        print_failure(a, &failure);
    }
    if (broken && a->shrink) {
        search_shrink(&failure, &least);
        print_failure(a, &least);
        search_failure_free(&least);
    }
    printf("%d passed, %d failed\n", !broken, broken);
    play_result_free(&result);
    return broken;
}

static void print_counts(const char *title, const uint64_t *counts, size_t count,
                         const char *(*name)(int))
{
    printf("%-10s", title);
    for (size_t i = 0; i < count; i++)
        printf(" %s %llu", name((int)i)[0] ? name((int)i) : "none", (unsigned long long)counts[i]);
    putchar('\n');
}

static const char *event_word(int i)
{
    return event_kind_name((enum event_kind)i);
}

static const char *job_word(int i)
{
    return job_kind_name((enum job_kind)i);
}

static const char *error_word(int i)
{
    return attempt_error_name((enum attempt_error)i);
}

static const char *status_word(int i)
{
    return end_status_name((enum end_status)i);
}

static const char *accident_word(int i)
{
    return accident_kind_name((enum accident_kind)i);
}

static const char *end_word(int i)
{
    return run_status_name((enum run_status)i);
}

static void print_seen(const struct play_counts *c)
{
    print_counts("events", c->events, COUNT_OF(c->events), event_word);
    print_counts("jobs", c->jobs, COUNT_OF(c->jobs), job_word);
    print_counts("attempts", c->errors, COUNT_OF(c->errors), error_word);
    print_counts("children", c->statuses, COUNT_OF(c->statuses), status_word);
    print_counts("runs", c->ends, COUNT_OF(c->ends), end_word);
    print_counts("accidents", c->accidents, COUNT_OF(c->accidents), accident_word);
    printf("%-10s lost_events %llu resumes %llu repeats %llu meta %llu waves %llu\n", "faults",
           (unsigned long long)c->lost_events, (unsigned long long)c->resumes,
           (unsigned long long)c->repeats, (unsigned long long)c->patterns[PATTERN_META],
           (unsigned long long)c->patterns[PATTERN_WAVES]);
}

struct progress {
    const struct arguments *a;
    struct clock clock;
    int64_t started_ms;
};

static double seconds_since(struct progress *p)
{
    return (double)(clock_now_ms(&p->clock) - p->started_ms + 1) / 1000;
}

static void after_seed(void *context, uint64_t seeds, const struct search_failure *failure)
{
    struct progress *p = context;

    if (failure)
        print_failure(p->a, failure);
    if (seeds % PROGRESS_SEEDS == 0)
        fprintf(stderr, "%llu of %llu seeds, %.0f seeds/s\n", (unsigned long long)seeds,
                (unsigned long long)p->a->search.seeds, (double)seeds / seconds_since(p));
}

static void print_least(const struct arguments *a, const struct search_result *result)
{
    struct search_failure least;

    for (size_t i = 0; i < result->failures.count; i++) {
        search_shrink(&result->failures.at[i], &least);
        print_failure(a, &least);
        search_failure_free(&least);
    }
}

static int search(const struct arguments *a)
{
    struct progress progress = {.a = a};
    struct search_options how = a->search;
    struct search_result result;

    clock_real_init(&progress.clock);
    progress.started_ms = clock_now_ms(&progress.clock);
    how.after_seed = after_seed;
    how.context = &progress;
    search_run(&how, &result);
    double seconds = seconds_since(&progress);
    if (a->shrink)
        print_least(a, &result);
    if (a->figures && !figures_write(a->figures, &result, how.journal, seconds))
        return 1;
    if (a->seen)
        print_seen(&result.counts);
    printf("%llu plays, %llu events, %.0f seeds/s, %.0f events/s\n",
           (unsigned long long)result.plays, (unsigned long long)result.events,
           (double)(result.passed + result.failed) / seconds, (double)result.events / seconds);
    printf("%llu passed, %llu failed\n", (unsigned long long)result.passed,
           (unsigned long long)result.failed);
    bool failed = result.failed > 0;
    search_result_free(&result);
    return failed;
}

static int weigh(const struct arguments *a)
{
    struct clock clock;
    struct weight weight;

    clock_real_init(&clock);
    int64_t started = clock_now_ms(&clock);
    weight_measure(a->one.shape.children, a->slots, &weight);
    double seconds = (double)(clock_now_ms(&clock) - started + 1) / 1000;
    printf("%u children, %u agents alive, %.0f bytes for each waiting child\n", weight.children,
           weight.running, weight.bytes_per_child);
    printf("%llu events in %.2f s, %.2f us for each\n", (unsigned long long)weight.events, seconds,
           seconds * 1e6 / (double)weight.events);
    bool fine = weight.done == weight.children;
    printf("%d passed, %d failed\n", fine, !fine);
    return !fine;
}

enum { SOAK_SLOTS = 64, SOAK_BYTES = 4096 };

static int soak(const struct arguments *a)
{
    struct soak_result r;

    soak_measure(a->soak_hours, SOAK_SLOTS, &r);
    printf("%u hours, %llu events, %u attempts: %u failed, %u crashed, %u limited\n", a->soak_hours,
           (unsigned long long)r.events, r.attempts, r.failed, r.crashed, r.limited);
    printf("at most %u agents and %u jobs at once\n", r.running_most, r.outstanding_most);
    printf("%.0f bytes kept of an attempt in the first half, %.0f in the second\n",
           r.bytes_per_attempt[0], r.bytes_per_attempt[1]);
    bool fine = r.ended && r.running_most <= SOAK_SLOTS && r.bytes_per_attempt[0] < SOAK_BYTES &&
                r.bytes_per_attempt[1] < SOAK_BYTES;
    printf("%d passed, %d failed\n", fine, !fine);
    return !fine;
}

static int plant_all(const struct arguments *a)
{
    size_t found = 0;

    for (size_t i = 0; i < mutant_count; i++) {
        bool hit = mutants_find_one(&mutants[i]);
        found += hit;
        if (!hit)
            printf("not found: %s (%s)\n", mutants[i].name, mutants[i].caught_by);
    }
    if (a->figures && !figures_write_mutants(a->figures, mutant_count, found))
        return 1;
    printf("%zu passed, %zu failed\n", found, mutant_count - found);
    return found < mutant_count;
}

static int run(const struct arguments *a)
{
    if (a->slots)
        return weigh(a);
    if (a->soak_hours)
        return soak(a);
    if (a->mutants)
        return plant_all(a);
    return a->single ? play_one(a) : search(a);
}

int main(int argc, char **argv)
{
    struct arguments a;
    int status = options_read(argc, argv, &a) ? run(&a) : 2;

    options_free(&a);
    return status;
}
