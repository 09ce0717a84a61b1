/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/soak.h"

#include "core/tree.h"
#include "sim/agenda.h"
#include "sim/dice.h"
#include "sim/weight.h"

enum { HOUR_MS = 3600 * 1000, AGENT_MS = 180 * 1000, GIT_MS = 50, LIMITED_MS = 30 * 1000 };
/* More than are begun in an hour. */
enum { CHILDREN_FOR_EACH_SLOT = 16 };

enum { AGENDA_END, AGENDA_STOPPED, AGENDA_TIMER };

struct soak {
    struct tree *tree;
    struct commands commands;
    struct agenda agenda;
    struct dice dice;
    int64_t now_ms;
    struct soak_result *ret;
};

static void apply(struct soak *s, struct event e)
{
    e.at_ms = s->now_ms;
    tree_apply(s->tree, &e, &s->commands);
    s->ret->events++;
    if (s->tree->running > s->ret->running_most)
        s->ret->running_most = s->tree->running;
    if (s->tree->outstanding > s->ret->outstanding_most)
        s->ret->outstanding_most = s->tree->outstanding;
}

/* One attempt in ten fails, three in a thousand crash, and as many are turned away. */
static struct outcome draw_attempt(struct soak *s)
{
    struct outcome o = {.claim = CLAIM_OK, .worked = true, .model = "m", .session = "5e55"};
    double roll = dice_unit(&s->dice);

    s->ret->attempts++;
    if (roll < 0.1) {
        o.error = ERROR_FAILED;
        s->ret->failed++;
    } else if (roll < 0.103) {
        o.error = ERROR_CRASH;
        s->ret->crashed++;
    } else if (roll < 0.106) {
        o.error = ERROR_RATE_LIMIT;
        o.retry_after_ms = LIMITED_MS;
        s->ret->limited++;
    }
    return o;
}

static void end_job(struct soak *s, uint32_t job, bool stopped)
{
    static const struct outcome fine = {.yes = true}, cut = {.error = ERROR_CANCELLED};
    bool attempt = s->tree->jobs.at[job].kind == JOB_AGENT;
    struct outcome o = stopped ? cut : attempt ? draw_attempt(s) : fine;

    if (s->tree->jobs.at[job].state != JOB_ENDED)
        apply(s, (struct event){.kind = EVENT_JOB_ENDED, .job = job, .outcome = &o});
}

static int64_t duration_ms(struct soak *s, uint32_t job)
{
    bool attempt = s->tree->jobs.at[job].kind == JOB_AGENT;

    return attempt ? (int64_t)dice_lognormal(&s->dice, AGENT_MS, 1) : GIT_MS;
}

static void carry_out(struct soak *s, struct command c)
{
    struct agenda_entry entry = {.at_ms = s->now_ms, .which = c.job};

    if (c.kind == COMMAND_START) {
        apply(s, (struct event){.kind = EVENT_JOB_STARTED, .job = c.job});
        entry.at_ms += duration_ms(s, c.job);
        entry.what = AGENDA_END;
    } else if (c.kind == COMMAND_STOP) {
        entry.what = AGENDA_STOPPED;
    } else if (c.kind == COMMAND_TIMER) {
        entry = (struct agenda_entry){.at_ms = c.at_ms, .what = AGENDA_TIMER, .which = c.timer};
    } else {
        return;
    }
    agenda_add(&s->agenda, entry);
}

static void carry_out_all(struct soak *s)
{
    for (size_t i = 0; i < s->commands.list.count; i++)
        carry_out(s, s->commands.list.at[i]);
    s->commands.list.count = 0;
}

/* False when nothing is left to happen. */
static bool step(struct soak *s)
{
    struct agenda_entry entry;
    int64_t next_ms = agenda_next_ms(&s->agenda);

    if (next_ms == AGENDA_NEVER)
        return false;
    s->now_ms = next_ms > s->now_ms ? next_ms : s->now_ms;
    (void)agenda_take(&s->agenda, s->now_ms, &entry);
    if (entry.what == AGENDA_TIMER)
        apply(s, (struct event){.kind = EVENT_TIMER, .timer = entry.which});
    else
        end_job(s, entry.which, entry.what == AGENDA_STOPPED);
    carry_out_all(s);
    return true;
}

/* Bytes for each attempt of the time up to `until_ms`. */
static double weigh_until(struct soak *s, int64_t until_ms)
{
    size_t before = weight_allocated();
    uint32_t attempts = s->ret->attempts;

    while (agenda_next_ms(&s->agenda) <= until_ms && step(s))
        ;
    attempts = s->ret->attempts - attempts;
    double grown = (double)weight_allocated() - (double)before;
    return attempts ? grown / attempts : 0;
}

static void cancel(struct soak *s)
{
    apply(s, (struct event){.kind = EVENT_INTERRUPTED, .level = INTERRUPT_FINAL});
    carry_out_all(s);
    while (s->tree->phase != RUN_ENDED && step(s))
        ;
    s->ret->ended = s->tree->phase == RUN_ENDED && !tree_busy(s->tree) && !s->tree->running;
}

void soak_measure(uint32_t hours, uint32_t slots, struct soak_result *ret)
{
    struct arena arena = {0};
    struct run_request request = {
        .number = 1,
        .plan = weight_plan(hours * slots * CHILDREN_FOR_EACH_SLOT, "claude", &arena),
        .planned = true,
        .planner = "",
        .replay = "",
        .head = "",
        .branch = "",
        .settings = {.slots = slots, .pattern = PATTERN_META, .retry_min = UINT32_MAX}};
    struct soak s = {.tree = tree_new(), .now_ms = 1, .ret = ret};
    int64_t all_ms = (int64_t)hours * HOUR_MS, warm_ms = all_ms / 8;

    *ret = (struct soak_result){0};
    dice_seed(&s.dice, 1);
    apply(&s, (struct event){.kind = EVENT_RUN_REQUESTED, .request = &request});
    carry_out_all(&s);
    (void)weigh_until(&s, warm_ms); /* in which all children are made */
    ret->bytes_per_attempt[0] = weigh_until(&s, (warm_ms + all_ms) / 2);
    ret->bytes_per_attempt[1] = weigh_until(&s, all_ms);
    cancel(&s);
    tree_free(s.tree);
    vector_free(&s.commands.list);
    agenda_free(&s.agenda);
    arena_free(&arena);
}
