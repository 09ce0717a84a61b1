/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/play_priv.h"

#include <string.h>

enum { BATCH_MAX = 6, LAG_MS = 2000, LATE_MS = 100000, EVENTS_BASE = 20000, EVENTS_EACH = 400 };

int64_t play_clock(const struct play *p)
{
    return p->world.now_ms + p->clock_offset_ms;
}

/* Engines that die before their first turn is over get ever better chances, or a world with many
 * jobs in flight would never get on. */
static bool crash_rolled(const struct play *p)
{
    uint64_t roll = dice_mix(dice_mix(p->options->shape.seed, 0x63726173), p->points);
    double chance = p->options->crash_chance / (1 + p->short_lives * p->short_lives);

    return (double)(roll >> 11) * 0x1.0p-53 < chance;
}

static bool crash_due(const struct play *p)
{
    struct accident a = {.kind = ACCIDENT_CRASH, .at = p->points};

    return accident_due(&p->accidents, crash_rolled(p), &a);
}

static bool crash_here(struct play *p, enum crash_place place)
{
    struct accident a = {.kind = ACCIDENT_CRASH, .at = p->points};
    bool crash = accident_happens(&p->accidents, crash_rolled(p), &a);

    if (crash) {
        play_trace(p, "CRASH at point %u", p->points);
        p->ret->counts.crashes[place]++;
    }
    p->points++;
    return crash;
}

static void picture_take(const struct play *p, struct picture *ret)
{
    ret->taken = true;
    ret->digest = tree_digest(p->tree);
    text_clear(&ret->text);
    if (p->options->trace)
        tree_dump(p->tree, &ret->text);
}

/* What of the tree is compared with what it is after an event. */
struct moment {
    int64_t now_ms;
    uint32_t running;
    bool held; /* the agent that the event is about had a slot */
};

static struct moment moment_before(const struct tree *t, const struct event *e)
{
    const struct job *j = e->kind == EVENT_JOB_ENDED ? &t->jobs.at[e->job] : NULL;
    const struct work *w = j && j->agent != AGENT_NONE ? t->orchs.at[j->orch].work : NULL;

    return (struct moment){.now_ms = t->now_ms,
                           .running = t->running,
                           .held = w && j->agent < w->agents.count &&
                                   w->agents.at[j->agent].holds_slot};
}

static void check(struct play *p, const struct event *e, const struct commands *followed,
                  struct moment before)
{
    AUTO_TEXT why = {0};
    struct sight sight = {.world = &p->world,
                          .tree = p->tree,
                          .request = &p->scene.request,
                          .plan = p->scene.whole,
                          .rounds = 1 + p->asked,
                          .tokens_before = p->tokens_before,
                          .usd_before = p->usd_before,
                          .bears = p->bears,
                          .event = e,
                          .commands = followed->list.at,
                          .command_count = followed->list.count,
                          .now_before_ms = before.now_ms,
                          .running_before = before.running,
                          .held_before = before.held};

    if (p->options->unchecked)
        return;
    const struct invariant *broken = invariants_check(&sight, &why);
    if (broken)
        play_break(p, broken->name, "after event %zu (%s): %s",
                   p->tape.events.count + p->turn.count, event_kind_name(e->kind), text_get(&why));
}

/* A report of what the tree knows already. */
static bool is_repeat(const struct tree *t, const struct event *e)
{
    if (e->kind == EVENT_JOB_ENDED || e->kind == EVENT_JOB_STARTED || e->kind == EVENT_STALLED ||
        e->kind == EVENT_OVERDRAWN)
        return t->jobs.at[e->job].state == JOB_ENDED;
    return e->kind == EVENT_TIMER && t->timers.at[e->timer].over;
}

static void check_repeat(struct play *p, const struct event *e, uint64_t before,
                         const struct commands *followed)
{
    p->ret->counts.repeats++;
    if (followed->list.count)
        play_break(p, INVARIANT_REPEATS, "a repeated %s brought %zu commands",
                   event_kind_name(e->kind), followed->list.count);
    else if (before != tree_digest(p->tree))
        play_break(p, INVARIANT_REPEATS, "a repeated %s changed the tree",
                   event_kind_name(e->kind));
}

static void strike(struct play *p, const struct event *e, struct commands *followed, bool repeat)
{
    if (p->options->mutant && p->options->mutant->strike)
        p->options->mutant->strike(&(struct mutant_site){.tree = p->tree,
                                                         .world = &p->world,
                                                         .commands = followed,
                                                         .event = e,
                                                         .repeat = repeat});
}

static void take_over(struct play *p, const struct commands *followed)
{
    for (size_t i = 0; i < followed->list.count; i++) {
        play_trace_command(p, &followed->list.at[i]);
        vector_push(&p->commands.list, followed->list.at[i]);
    }
}

static void apply(struct play *p, struct event e)
{
    struct commands followed = {0};
    bool repeat = !p->options->unchecked && is_repeat(p->tree, &e);
    uint64_t before = repeat ? tree_digest(p->tree) : 0;
    const struct moment then = moment_before(p->tree, &e);

    /* Time may pass with a repeat; everything else has to stay. */
    e.at_ms = repeat ? then.now_ms : play_clock(p);
    play_trace_event(p, &e);
    play_count_event(p, &e);
    if (e.kind == EVENT_ADMISSION)
        p->bears = e.admission;
    tree_apply(p->tree, &e, &followed);
    strike(p, &e, &followed, repeat);
    uint64_t answer = commands_hash(followed.list.at, followed.list.count);
    take_over(p, &followed);
    check(p, &e, &followed, then);
    if (repeat)
        check_repeat(p, &e, before, &followed);
    vector_push(&p->turn, e);
    vector_push(&p->answers, answer);
    vector_free(&followed.list);
}

static void carry_out(struct play *p, const struct command *c)
{
    switch (c->kind) {
    case COMMAND_START:
        world_start(&p->world, p->tree, c->job);
        break;
    case COMMAND_STOP:
        world_stop(&p->world, c->job);
        break;
    case COMMAND_TIMER:
        agenda_add(&p->inbox, (struct agenda_entry){.at_ms = c->at_ms - p->clock_offset_ms,
                                                    .what = INBOX_TIMER,
                                                    .which = c->timer});
        break;
    case COMMAND_END:
        break;
    }
}

bool play_engine_is(const struct play *p, enum mutant_engine way)
{
    return p->options->mutant && p->options->mutant->engine == way;
}

static enum life carry_out_all(struct play *p)
{
    bool ended = false;

    for (size_t i = 0; i < p->commands.list.count; i++) {
        carry_out(p, &p->commands.list.at[i]);
        ended |= p->commands.list.at[i].kind == COMMAND_END;
        bool last = i + 1 == p->commands.list.count;
        if (crash_here(p, last ? CRASH_AFTER_EFFECTS : CRASH_AMONG_EFFECTS))
            return LIFE_CRASHED;
    }
    p->commands.list.count = 0;
    return ended ? LIFE_RUN_ENDED : LIFE_GOES_ON;
}

/* Keeps how the tree is now if it will be wanted: what comes next may not be there after it. */
static void foresee(struct play *p)
{
    if (crash_due(p) || play_commit_due_to_fail(p))
        picture_take(p, &p->expected);
    if (p->storage)
        picture_take(p, &p->before);
}

static enum life commit_turn(struct play *p)
{
    enum commit_end end = play_commit(p);

    if (end == COMMIT_CUT) {
        p->ret->counts.crashes[CRASH_IN_COMMIT]++;
        return LIFE_CRASHED;
    }
    if (end == COMMIT_FAILED && !play_engine_is(p, MUTANT_IGNORES_COMMIT)) {
        play_trace(p, "COMMIT FAILED");
        return LIFE_FAILED;
    }
    p->turn.count = p->answers.count = 0;
    return LIFE_GOES_ON;
}

/* From the applied events on: each place where a crash makes a difference is a crash point. */
static enum life finish_turn(struct play *p)
{
    enum life life = LIFE_GOES_ON;

    if (p->ret->broken)
        return LIFE_GOES_ON;
    if (play_engine_is(p, MUTANT_ACTS_FIRST))
        life = carry_out_all(p);
    if (life != LIFE_GOES_ON)
        return life;
    if (crash_here(p, CRASH_BEFORE_COMMIT)) {
        p->ret->counts.lost_events += p->turn.count;
        return LIFE_CRASHED;
    }
    life = commit_turn(p);
    if (life != LIFE_GOES_ON)
        return life;
    if (crash_here(p, CRASH_AFTER_COMMIT))
        return LIFE_CRASHED;
    life = carry_out_all(p);
    if (life != LIFE_GOES_ON)
        return life;
    return p->tree->interrupt && !tree_busy(p->tree) ? LIFE_LEFT : LIFE_GOES_ON;
}

/* True if the entry is put off: reports come late, twice, and in another order. */
static bool put_off(struct play *p, struct agenda_entry entry)
{
    double odds = p->own_fates.odds[SIM_REPEATS];
    bool rolled_twice = dice_chance(&p->dice, 0.03 * odds);
    bool rolled_late = dice_chance(&p->dice, 0.02 * odds);
    int64_t by_ms = rolled_twice || rolled_late ? 1 + dice_below(&p->dice, LATE_MS) : 0;
    struct accident twice = {ACCIDENT_TWICE, p->reports, by_ms};
    struct accident late = {ACCIDENT_LATE, p->reports++, by_ms};

    bool is_late = accident_happens(&p->accidents, rolled_late, &late);
    if (!is_late && !accident_happens(&p->accidents, rolled_twice, &twice))
        return false;
    entry.at_ms = p->world.now_ms + (is_late ? late : twice).amount;
    agenda_add(&p->inbox, entry);
    return is_late;
}

static const struct outcome *tells_tokens(struct play *p, uint32_t job)
{
    struct outcome *o = ARENA_NEW(&p->arena, struct outcome);

    o->tokens = world_job(&p->world, job)->fate.outcome.tokens;
    return o;
}

static void receive(struct play *p, const struct agenda_entry *entry)
{
    static const struct outcome stale = {.error = ERROR_CRASH, .exit_code = -1, .tokens = 1000};
    struct event e = {.job = entry->which};

    switch (entry->what) {
    case REPORT_STARTED:
        e.kind = EVENT_JOB_STARTED;
        break;
    case REPORT_STALLED:
        e.kind = EVENT_STALLED;
        break;
    case REPORT_OVERDRAWN:
        e.kind = EVENT_OVERDRAWN;
        e.outcome = tells_tokens(p, entry->which);
        break;
    case REPORT_ENDED:
        e.kind = EVENT_JOB_ENDED;
        e.outcome = world_job(&p->world, entry->which)->outcome;
        break;
    case INBOX_STALE:
        e.kind = EVENT_JOB_ENDED;
        e.outcome = &stale;
        break;
    default:
        e = (struct event){.kind = EVENT_TIMER, .timer = entry->which};
    }
    /* Only what has ended can be told of once more. */
    if (entry->what != INBOX_STALE || p->tree->jobs.at[entry->which].state == JOB_ENDED)
        apply(p, e);
}

static bool too_many(const struct play *p)
{
    return p->tape.events.count + p->unkept >
           EVENTS_BASE + EVENTS_EACH * (size_t)p->tree->agents_total;
}

static int64_t lag_ms(struct play *p)
{
    bool rolled = !p->options->unchecked && dice_chance(&p->dice, 0.2);
    struct accident lag = {ACCIDENT_LAG, p->turns, rolled ? dice_below(&p->dice, LAG_MS) : 0};

    return accident_happens(&p->accidents, rolled, &lag) ? lag.amount : 0;
}

/* Lets time pass to the next thing that happens. False if nothing ever will. */
static bool wait_for_something(struct play *p, bool user_acts_now)
{
    int64_t world = agenda_next_ms(&p->world.agenda), inbox = agenda_next_ms(&p->inbox);
    int64_t next = world < inbox ? world : inbox;

    if (user_acts_now || next < p->world.now_ms)
        next = p->world.now_ms;
    if (next == AGENDA_NEVER) {
        play_break(p, INVARIANT_ENDS, "nothing is left to happen in phase %s%s",
                   run_phase_name(p->tree->phase), p->tree->interrupt ? ", interrupted" : "");
        return false;
    }
    world_advance(&p->world, next + lag_ms(p));
    return true;
}

enum life play_turn(struct play *p)
{
    struct agenda_entry entry;
    struct event wish;

    p->turns++;
    p->short_lives = 0;
    foresee(p);
    bool wishes = user_acts(p, &wish);
    if (!wait_for_something(p, wishes))
        return LIFE_GOES_ON;
    play_faults(p);
    if (wishes)
        apply(p, wish);
    while (p->turn.count < BATCH_MAX && agenda_take(&p->inbox, p->world.now_ms, &entry))
        if (!put_off(p, entry))
            receive(p, &entry);
    if (too_many(p))
        play_break(p, INVARIANT_ENDS, "%zu events and no end", p->tape.events.count);
    return finish_turn(p);
}

static void check_replay(struct play *p, size_t differs)
{
    AUTO_TEXT dump = {0};

    if (p->options->unchecked)
        return;
    if (p->expected.digest != tree_digest(p->tree)) {
        tree_dump(p->tree, &dump);
        play_break(p, INVARIANT_REPLAY, "after %zu events: %s", p->tape.events.count,
                   p->options->trace
                       ? play_difference(p, text_get(&p->expected.text), text_get(&dump))
                       : "a trace shows the first difference");
    } else if (differs < p->tape.events.count) {
        play_break(p, INVARIANT_COMMANDS, "event %zu (%s)", differs,
                   event_kind_name(p->tape.events.at[differs].kind));
    }
}

enum life play_begin_life(struct play *p, const struct event *first)
{
    const struct event request = {.kind = EVENT_RUN_REQUESTED, .request = &p->request};
    size_t differs;

    p->short_lives++;
    p->lives++;
    p->bears = (struct admission_level){0};
    if (!play_open_journal(p))
        return LIFE_CRASHED;
    if (!p->tape.events.count)
        first = &request;
    p->tree = tape_replay(&p->tape, &differs);
    if (p->tape.events.count)
        check_replay(p, differs);
    p->expected.taken = false;
    world_attach(&p->world, &p->inbox);
    if (first->kind == EVENT_RESUMED && p->tree->phase == RUN_ENDED)
        return LIFE_RUN_ENDED;
    foresee(p);
    apply(p, *first);
    return finish_turn(p);
}

void play_end_life(struct play *p)
{
    if (!p->tree)
        return;
    if (!p->expected.taken && !p->options->unchecked)
        picture_take(p, &p->expected);
    tree_free(p->tree);
    p->tree = NULL;
    p->turn.count = p->answers.count = p->commands.list.count = 0;
    agenda_clear(&p->inbox);
    world_detach(&p->world);
}
