/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include "base/vector.h"

#include <criterion/criterion.h>

struct pending {
    int64_t at_ms;
    uint32_t job;
};

struct telling {
    const struct story *story;
    struct tree *t;
    struct arena *arena;
    struct commands commands;
    VECTOR(struct pending) pending;
    int64_t now_ms;
    bool ended;
};

static void start_job(struct telling *s, uint32_t job)
{
    struct outcome ignored = {0};
    AUTO_ARENA scratch = {0};
    int64_t takes;

    tree_apply(s->t, &(struct event){.kind = EVENT_JOB_STARTED, .at_ms = s->now_ms, .job = job},
               &s->commands);
    takes = s->story->teller(s->t, &s->t->jobs.at[job], &scratch, &ignored);
    vector_push(&s->pending, (struct pending){s->now_ms + takes, job});
}

static void carry_out(struct telling *s)
{
    for (size_t i = 0; i < s->commands.list.count; i++) {
        struct command c = s->commands.list.at[i];
        if (c.kind == COMMAND_START)
            start_job(s, c.job);
        s->ended |= c.kind == COMMAND_END;
    }
    s->commands.list.count = 0;
}

static void end_job(struct telling *s, size_t index)
{
    struct pending p = s->pending.at[index];
    struct job j = s->t->jobs.at[p.job];
    struct outcome outcome = {.usd = -1, .worked = true, .tool_calls = 1};

    s->pending.at[index] = s->pending.at[--s->pending.count];
    s->now_ms = p.at_ms;
    s->story->teller(s->t, &j, s->arena, &outcome);
    tree_apply(s->t,
               &(struct event){
                   .kind = EVENT_JOB_ENDED, .at_ms = s->now_ms, .job = p.job, .outcome = &outcome},
               &s->commands);
}

static size_t earliest(const struct telling *s)
{
    size_t best = 0;

    for (size_t i = 1; i < s->pending.count; i++)
        if (s->pending.at[i].at_ms < s->pending.at[best].at_ms ||
            (s->pending.at[i].at_ms == s->pending.at[best].at_ms &&
             s->pending.at[i].job < s->pending.at[best].job))
            best = i;
    return best;
}

static void go_on(struct telling *s, const struct event *e)
{
    int64_t stop = s->story->stop_ms;

    s->now_ms = e->at_ms;
    tree_apply(s->t, e, &s->commands);
    carry_out(s);
    while (!s->ended && s->pending.count) {
        size_t next = earliest(s);
        if (stop && s->pending.at[next].at_ms > stop)
            break;
        end_job(s, next);
        carry_out(s);
    }
    cr_assert(s->ended || stop, "the story has no end; it is in '%s'", run_phase_name(s->t->phase));
    vector_free(&s->commands.list);
    vector_free(&s->pending);
}

void story_go_on(struct tree *t, const struct story *story, struct arena *arena, struct event e)
{
    struct telling s = {.story = story, .t = t, .arena = arena};

    go_on(&s, &e);
}

struct tree *story_tell(const struct story *story, struct arena *arena)
{
    static const int64_t start_ms = 1795351104000;
    const struct run_request request = {
        .number = 4729,
        .plan = story->plan,
        .planned = true,
        .in_repository = true,
        .head = "1111111111111111111111111111111111111111",
        .branch = "main",
        .upstream = "origin/main",
        .remote = "origin",
        .settings = {.slots = 8, .retry_min = 10, .retry_share = 0.1},
    };
    struct story shifted = *story;
    struct telling s = {.story = &shifted, .t = tree_new(), .arena = arena};

    if (shifted.stop_ms)
        shifted.stop_ms += start_ms;
    go_on(&s, &(struct event){.kind = EVENT_RUN_REQUESTED, .at_ms = start_ms, .request = &request});
    return s.t;
}
