/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include "base/arena.h"
#include "journal/journal.h"
#include "sim/dice.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_TEXT = 20000, READER_TURNS = 5 };

static const char *make_text(struct arena *arena, struct dice *dice)
{
    uint32_t most = dice_below(dice, 16) ? 400 : LONGEST_TEXT;
    uint32_t length = dice_below(dice, most);
    char *text = arena_array(arena, length + 1, 1);

    for (uint32_t i = 0; i < length; i++)
        text[i] = (char)('a' + dice_below(dice, 26));
    text[length] = '\0';
    return text;
}

/* The n-th event, from 1. */
static struct event make_event(const struct script *script, int64_t n, struct arena *arena)
{
    struct event e = {.at_ms = 1000000 + n};
    struct dice dice;

    dice_seed(&dice, dice_mix(script->seed, (uint64_t)n));
    switch (dice_below(&dice, 3)) {
    case 0:
        e.kind = EVENT_TIMER;
        e.timer = dice_below(&dice, 1000);
        break;
    case 1:
        e.kind = EVENT_JOB_STARTED;
        e.job = dice_below(&dice, 100000);
        break;
    default: {
        struct outcome *outcome = ARENA_NEW(arena, struct outcome);
        outcome->summary = make_text(arena, &dice);
        e.kind = EVENT_JOB_ENDED;
        e.outcome = outcome;
    }
    }
    return e;
}

/* How many events the turn has, the first being turn 0. */
static uint32_t turn_events(const struct script *script, uint32_t turn)
{
    struct dice dice;

    dice_seed(&dice, dice_mix(~script->seed, turn));
    return 1 + dice_below(&dice, 5);
}

int64_t script_turns_after(const struct script *script, int64_t event)
{
    uint32_t turn = 0;
    int64_t end = 0;

    while (end < event && turn < script->turns)
        end += turn_events(script, turn++);
    return end == event ? (int64_t)(script->turns - turn) : -1;
}

static int append_turn(struct journal *j, const struct script *script, uint32_t turn,
                       struct progress *p, struct fault *f)
{
    uint32_t count = turn_events(script, turn);
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < count; i++) {
        AUTO_ARENA arena = {0};
        struct event e = make_event(script, ++p->offered, &arena);
        r = journal_append(j, &e, f);
    }
    if (r == 0)
        r = journal_set_status(j, turn + 1 == script->turns ? "done" : "", f);
    if (r == 0)
        r = journal_commit(j, f);
    if (r == 0)
        p->committed = p->offered;
    return r;
}

/* Somebody looks on from the middle for some turns, which keeps the log from being emptied. */
static void let_read(const struct script *script, const char *dir, uint32_t turn,
                     struct journal **reader)
{
    AUTO_FAULT ignored = {0};

    if (turn == script->turns / 2)
        (void)!journal_open(dir, JOURNAL_READ, reader, &ignored);
    if (turn == script->turns / 2 + READER_TURNS) {
        journal_close(*reader);
        *reader = NULL;
    }
}

void script_run(const struct script *script, const char *dir, struct progress *ret)
{
    struct journal *j = NULL, *reader = NULL;
    AUTO_FAULT f = {0};
    int r = journal_create(dir, &j, &f);

    *ret = (struct progress){.created = r == 0};
    for (uint32_t turn = 0; r == 0 && turn < script->turns; turn++) {
        if (turn && turn % (script->turns / 3 + 1) == 0) {
            journal_close(j);
            j = NULL;
            r = journal_open(dir, JOURNAL_WRITE, &j, &f);
        }
        let_read(script, dir, turn, &reader);
        if (r == 0)
            r = append_turn(j, script, turn, ret, &f);
    }
    journal_close(reader);
    if (!script->killed)
        journal_close(j);
}

/* For journal_replay. */
struct comparison {
    const struct script *script;
    struct found *found;
};

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static int compare(void *context, const struct event *e)
{
    const struct comparison *c = context;
    AUTO_ARENA arena = {0};
    struct event wanted = make_event(c->script, ++c->found->events, &arena);
    bool has = e->outcome != NULL;

    if (e->kind != wanted.kind || e->at_ms != wanted.at_ms || e->job != wanted.job ||
        e->timer != wanted.timer || has != (wanted.outcome != NULL) ||
        (has && !same_text(e->outcome->summary, wanted.outcome->summary)))
        c->found->wrong = true;
    return 0;
}

static void read_as(const struct script *script, const char *dir, enum journal_mode mode,
                    struct found *ret)
{
    const struct comparison comparison = {script, ret};
    AUTO_ARENA plans = {0};
    AUTO_FAULT f = {0};
    struct journal *j = NULL;

    *ret = (struct found){.events = 0};
    int r = journal_open(dir, mode, &j, &f);
    if (r == 0)
        r = journal_replay(j, &plans, compare, (void *)&comparison, &f);
    journal_close(j);
    ret->damaged = r == -FAULT_CORRUPT;
    ret->other = r < 0 && !ret->damaged;
    (void)snprintf(ret->message, sizeof ret->message, "%s", f.message ? f.message : "");
}

void script_read(const struct script *script, const char *dir, bool whole, struct found *ret)
{
    read_as(script, dir, whole ? JOURNAL_CHECK : JOURNAL_READ, ret);
}

static bool is_right(const struct script *script, const struct progress *p, const struct found *f)
{
    if (!p->created && !f->damaged && (f->other || f->events == 0))
        return true; /* there is none, or an empty one */
    return !f->wrong && !f->damaged && !f->other && f->events >= p->committed &&
           f->events <= p->offered && script_turns_after(script, f->events) >= 0;
}

int64_t script_check(const struct script *script, const char *dir, const struct progress *progress,
                     char why[256])
{
    static const enum journal_mode modes[] = {JOURNAL_READ, JOURNAL_CHECK, JOURNAL_WRITE,
                                              JOURNAL_CHECK};
    struct found found, first;

    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        read_as(script, dir, modes[i], &found);
        if (i == 0)
            first = found;
        if (is_right(script, progress, &found) && found.events == first.events)
            continue;
        (void)snprintf(why, 256, "%lld of %lld events (%lld offered)%s: %.150s",
                       (long long)found.events, (long long)progress->committed,
                       (long long)progress->offered, found.wrong ? ", one is wrong" : "",
                       found.message);
        return -1;
    }
    return found.events;
}
