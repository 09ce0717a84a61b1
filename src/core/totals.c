/* SPDX-License-Identifier: Apache-2.0 */
#include "core/totals.h"

#include "base/vector.h"

#include <math.h>
#include <string.h>

/* Where the name is, or belongs. */
static size_t find(const struct metric_sums *sums, const char *name)
{
    size_t low = 0;
    size_t high = sums->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(sums->at[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct metric_sums *sums, size_t i, const char *name)
{
    return i < sums->count && strcmp(sums->at[i].name, name) == 0;
}

static void insert(struct metric_sums *sums, struct arena *arena, size_t i, const char *name)
{
    if (sums->count == sums->capacity) {
        size_t capacity = sums->capacity ? 2 * sums->capacity : 16;
        struct metric *at = arena_array(arena, capacity, sizeof *at);
        if (sums->count)
            memcpy(at, sums->at, sums->count * sizeof *at);
        sums->at = at;
        sums->capacity = capacity;
    }
    memmove(sums->at + i + 1, sums->at + i, (sums->count - i) * sizeof *sums->at);
    sums->at[i] = (struct metric){.name = arena_string(arena, name)};
    sums->count++;
}

bool metric_sums_add(struct metric_sums *sums, struct arena *arena, const char *name, double value)
{
    size_t i = find(sums, name);

    if (!isfinite(value))
        return false;
    if (!is_at(sums, i, name))
        insert(sums, arena, i, name);
    /* A sum beyond the largest number would be no number in JSON. */
    if (isfinite(sums->at[i].value + value))
        sums->at[i].value += value;
    return true;
}

void metric_sums_merge(struct metric_sums *sums, struct arena *arena, const struct metrics *from)
{
    for (size_t i = 0; i < from->count; i++)
        (void)metric_sums_add(sums, arena, from->at[i].name, from->at[i].value); /* as documented */
}

const double *metric_sums_find(const struct metric_sums *sums, const char *name)
{
    size_t i = find(sums, name);

    return is_at(sums, i, name) ? &sums->at[i].value : NULL;
}

struct span {
    int64_t start, end;
};

static int compare_spans(const void *left, const void *right)
{
    const struct span *a = left;
    const struct span *b = right;

    return (a->start > b->start) - (a->start < b->start);
}

/* Milliseconds from `start` to `end` in which at least one agent ran. */
static int64_t covered(const struct timing_input *in)
{
    AUTO_FREE struct span *spans = mem_resize(NULL, in->count, sizeof *spans);
    int64_t until = in->started_ms;
    int64_t sum = 0;

    for (size_t i = 0; i < in->count; i++)
        spans[i] = (struct span){in->agents[i].started_ms, in->agents[i].ended_ms};
    qsort(spans, in->count, sizeof *spans, compare_spans);
    for (size_t i = 0; i < in->count; i++) {
        int64_t from = spans[i].start > until ? spans[i].start : until;
        int64_t to = spans[i].end < in->ended_ms ? spans[i].end : in->ended_ms;
        if (to <= from)
            continue;
        sum += to - from;
        until = to;
    }
    return sum;
}

static double longest_chain_ms(const struct timing_input *in)
{
    AUTO_FREE double *weight = mem_resize(NULL, in->count, sizeof *weight);
    AUTO_FREE double *tail = mem_resize(NULL, in->count, sizeof *tail);
    double longest = 0;

    for (size_t i = 0; i < in->count; i++)
        tail[i] = weight[i] = (double)in->agents[i].busy_ms;
    if (in->needs)
        graph_tails(in->needs, weight, tail);
    for (size_t i = 0; i < in->count; i++)
        if (tail[i] > longest)
            longest = tail[i];
    return longest;
}

static double bounded(double share)
{
    return share < 1 ? share : 1;
}

void timing_compute(const struct timing_input *input, struct timing *ret)
{
    double span = (double)(input->ended_ms - input->started_ms - input->idle_ms) / 1000;
    double busy = 0;
    double sequential = 0;

    for (size_t i = 0; i < input->count; i++) {
        busy += (double)input->agents[i].busy_ms / 1000;
        sequential += (double)input->agents[i].last_ms / 1000;
    }
    *ret = (struct timing){
        .makespan_s = span,
        .busy_s = busy,
        .sequential_s = sequential,
        .critical_path_s = longest_chain_ms(input) / 1000,
        .overhead_s = span - (double)covered(input) / 1000,
    };
    double least = ret->critical_path_s;
    if (input->slots && busy / (double)input->slots > least)
        least = busy / (double)input->slots;
    if (span > 0) {
        ret->speedup = sequential / span;
        ret->efficiency = bounded(least / span);
    }
}
