/* SPDX-License-Identifier: Apache-2.0 */
/* What the end of a job does to the repository, and what its outcome then says. */
#include "sim/world.h"

#include "sim/dice.h"

#include <string.h>

typedef void effect(struct world *w, struct world_job *j, struct outcome *o);

static struct dice dice_for(const struct world *w, uint64_t what)
{
    struct dice d;

    dice_seed(&d, dice_mix(dice_mix(w->shape.seed, 0x65666665), what));
    return d;
}

static uint32_t number(const struct world *w, const struct world_job *j)
{
    return (uint32_t)(j - w->jobs.at);
}

static struct strings one_path(struct world *w, const char *stem, uint32_t n)
{
    struct strings list = {.at = arena_array(&w->arena, 1, sizeof(char *)), .count = 1};

    list.at[0] = arena_format(&w->arena, "%s%u.c", stem, n);
    return list;
}

/* Work of an attempt, or of a command, lies in the working tree whether it succeeded or not. */
static void leaves_work(struct world *w, struct world_job *j, struct outcome *o)
{
    (void)o;
    if (j->errand.copy.orch != ORCH_NONE && !j->fate.idle &&
        (j->errand.writes || j->errand.job.kind != JOB_AGENT))
        repo_work(&w->repo, j->errand.copy, number(w, j));
}

static void back_up(struct world *w, struct world_job *j, struct outcome *o)
{
    struct dice d = dice_for(w, number(w, j));

    o->commit = "base";
    o->reference = "backup";
    o->yes = dice_chance(&d, 0.3);
}

static void make_copy(struct world *w, struct world_job *j, struct outcome *o)
{
    repo_make(&w->repo, j->errand.copy, j->errand.commit);
    o->commit = repo_head(&w->repo, j->errand.copy);
}

static void reset(struct world *w, struct world_job *j, struct outcome *o)
{
    repo_reset(&w->repo, j->errand.copy);
    o->commit = repo_head(&w->repo, j->errand.copy);
}

static void settle(struct world *w, struct world_job *j, struct outcome *o)
{
    const struct repo_copy *c = repo_find(&w->repo, j->errand.copy);
    struct dice d = dice_for(w, number(w, j));

    o->commits = c && c->loose.jobs.count;
    o->yes = !o->commits;
    o->files = o->commits * dice_between(&d, 1, 9);
    o->insertions = o->files * dice_below(&d, 30);
    o->deletions = o->files * dice_below(&d, 10);
    if (o->commits && dice_chance(&d, 0.1))
        o->paths = one_path(w, "outside", 0);
    o->commit = repo_settle(&w->repo, j->errand.copy);
}

/* A few places where work meets; two pieces that touch the same place conflict. */
static uint32_t touched(const struct world *w, uint64_t who)
{
    struct dice d = dice_for(w, dice_mix(0x70617468, who));
    double much = shape_has(&w->shape, SIM_CONFLICTS) ? (double)(w->shape.seed % 5) * 0.2 : 0;

    return dice_chance(&d, much) ? dice_below(&d, 4) + 1 : 0;
}

static void join(struct world *w, struct world_job *j, struct outcome *o)
{
    uint32_t place = touched(w, (uint64_t)j->errand.job.orch << 32 | j->errand.job.agent);

    if (place == 1)
        o->paths = one_path(w, "shared", place);
    else
        o->commit = repo_join(&w->repo, j->errand.copy, j->errand.into);
}

static void fetch(struct world *w, struct world_job *j, struct outcome *o)
{
    o->commit = repo_fetch(&w->repo, j->errand.copy);
}

static void expand(struct world *w, struct world_job *j, struct outcome *o)
{
    struct dice d = dice_for(w, dice_mix(j->errand.job.orch, j->errand.job.index));
    uint32_t count = dice_below(&d, w->shape.agents * 2 + 1);

    /* Its fate may know them. */
    if (o->paths.at)
        return;
    o->paths =
        (struct strings){.at = arena_array(&w->arena, count, sizeof(char *)), .count = count};
    for (uint32_t i = 0; i < count; i++)
        o->paths.at[i] = arena_format(&w->arena, "item%u", i);
}

static void measure(struct world *w, struct world_job *j, struct outcome *o)
{
    struct dice d = dice_for(w, number(w, j));
    struct metric *m = ARENA_NEW(&w->arena, struct metric);

    *m = (struct metric){.name = "lines", .value = dice_below(&d, 10000)};
    o->measures = (struct metrics){.at = m, .count = 1};
}

static void plan(struct world *w, struct world_job *j, struct outcome *o)
{
    (void)j;
    o->plan = w->whole;
}

static void consolidate(struct world *w, struct world_job *j, struct outcome *o)
{
    const struct errand *e = &j->errand;
    struct branch_pair *pairs =
        arena_array(&w->arena, e->branch_count * e->branch_count, sizeof *pairs);

    for (size_t a = 0; a < e->branch_count; a++)
        for (size_t b = a + 1; b < e->branch_count; b++) {
            uint32_t place = touched(w, e->branches[a]);
            if (!place || place != touched(w, e->branches[b]))
                continue;
            pairs[o->pair_count++] = (struct branch_pair){
                .a = e->branches[a], .b = e->branches[b], .paths = one_path(w, "hot", place)};
        }
    o->pairs = pairs;
}

/* A branch may conflict with the result of several others although no two of them do. */
static void merge(struct world *w, struct world_job *j, struct outcome *o)
{
    const struct errand *e = &j->errand;
    struct branch_outcome *list = arena_array(&w->arena, e->branch_count, sizeof *list);
    uint32_t *merged = arena_array(&w->arena, e->branch_count, sizeof *merged);
    size_t count = 0;

    for (size_t i = 0; i < e->branch_count; i++) {
        uint32_t orch = e->branches[i];
        list[i] = (struct branch_outcome){.orch = orch, .merged = true};
        if (count > 1 && touched(w, 1000 + orch) == 1)
            list[i] = (struct branch_outcome){.orch = orch, .paths = one_path(w, "late", orch)};
        else
            merged[count++] = orch;
        if (!repo_was_fetched(&w->repo, orch) && w->breaches.unfetched == JOB_NONE)
            w->breaches.unfetched = number(w, j);
    }
    o->branches = list;
    o->branch_count = e->branch_count;
    o->commit = repo_merge(&w->repo, e->commit, merged, count);
}

static void land(struct world *w, struct world_job *j, struct outcome *o)
{
    if (!o->yes)
        return;
    if (!repo_knows(&w->repo, j->errand.commit) && w->breaches.unknown == JOB_NONE)
        w->breaches.unknown = number(w, j);
    repo_land(&w->repo, j->errand.commit);
    o->commit = j->errand.commit;
    o->reference = "main";
}

static void push(struct world *w, struct world_job *j, struct outcome *o)
{
    (void)j;
    o->reference = "origin";
    if (o->yes)
        repo_push(&w->repo);
}

static void discard(struct world *w, struct world_job *j, struct outcome *o)
{
    (void)o;
    repo_discard(&w->repo, j->errand.keep, j->errand.keep_count);
}

static effect *const effects[JOB_KIND_COUNT] = {
    [JOB_AGENT] = leaves_work, [JOB_BACKUP] = back_up,
    [JOB_PLANNER] = plan,      [JOB_PLAN] = plan,
    [JOB_EXPAND] = expand,     [JOB_COPY] = make_copy,
    [JOB_RESET] = reset,       [JOB_SETTLE] = settle,
    [JOB_JOIN] = join,         [JOB_ON_FAILURE] = leaves_work,
    [JOB_MEASURE] = measure,   [JOB_CLEANUP] = leaves_work,
    [JOB_FETCH] = fetch,       [JOB_CONSOLIDATE] = consolidate,
    [JOB_MERGE] = merge,       [JOB_LAND] = land,
    [JOB_PUSH] = push,         [JOB_DISCARD] = discard,
};

void world_effect(struct world *w, uint32_t job, struct outcome *o)
{
    struct world_job *j = &w->jobs.at[job];
    effect *does = effects[j->errand.job.kind];
    bool failed = o->error != ERROR_NONE;

    /* What failed did nothing, but for programs that write as they go. */
    if (!does || (failed && does != leaves_work))
        return;
    does(w, j, o);
    j->effects++;
}
