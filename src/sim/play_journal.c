/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An engine's journal in a play. In most it is the tape alone, and a commit may fail as a whole. In
 * some a real journal on a failing disk stands beside the tape, which is what the journal ought to
 * hold; a turn whose commit failed is in doubt until the next engine reads the journal.
 */
#include "sim/play_priv.h"

enum { STRIKE_WITHIN = 150 };

/* Journal faults are drawn for their place alone: other dice roll as they would without. */
bool play_strikes(const struct play *p, enum accident_kind kind, uint64_t at, double chance)
{
    struct dice d;

    dice_seed(&d, dice_mix(dice_mix(p->options->shape.seed, 0x6a6f7572 + (uint64_t)kind), at));
    return dice_chance(&d, chance);
}

static bool to_tape(struct play *p)
{
    AUTO_FAULT f = {0};

    p->expected.taken = false;
    /* Nobody reads what nobody checks. */
    if (p->options->unchecked)
        p->unkept += p->turn.count;
    for (size_t i = 0; !p->options->unchecked && i < p->turn.count; i++) {
        if (tape_commit(&p->tape, &p->turn.at[i], p->answers.at[i], &f) == 0)
            continue;
        play_break(p, INVARIANT_JOURNAL, "event %zu can't be read back: %s",
                   p->tape.events.count + 1, f.message);
        return false;
    }
    p->turn.count = p->answers.count = 0;
    return true;
}

static bool is_rolled(const struct play *p, enum accident_kind kind)
{
    double chance = kind == ACCIDENT_FULL ? 0.01 : 0.005;
    double odds = p->own_fates.odds[SIM_DISKS] / (1 + p->short_lives * p->short_lives);

    return play_strikes(p, kind, p->commits, chance * odds);
}

static bool commit_fails(struct play *p, enum accident_kind kind)
{
    struct accident a = {.kind = kind, .at = p->commits};

    return accident_happens(&p->accidents, is_rolled(p, kind), &a);
}

bool play_commit_due_to_fail(const struct play *p)
{
    struct accident a = {.kind = ACCIDENT_FULL, .at = p->commits};

    return !p->storage && accident_due(&p->accidents, is_rolled(p, ACCIDENT_FULL), &a);
}

static enum commit_end commit_tape(struct play *p)
{
    if (commit_fails(p, ACCIDENT_FULL)) {
        p->ret->counts.lost_events += p->turn.count;
        return COMMIT_FAILED;
    }
    bool untold = commit_fails(p, ACCIDENT_UNTOLD);
    return to_tape(p) && !untold ? COMMIT_DONE : COMMIT_FAILED;
}

static int append_all(struct play *p, struct fault *f)
{
    for (size_t i = 0; i < p->turn.count; i++) {
        int r = storage_append(p->storage, &p->turn.at[i], f);
        if (r < 0)
            return r;
    }
    return storage_commit(p->storage, f);
}

/* The disk did what was planned: it is one of the accidents. */
static enum disk_strike note_strike(struct play *p, enum disk_strike struck)
{
    if (struck == DISK_SOUND || p->strike_noted)
        return struck;
    p->strike_noted = true;
    (void)accident_happens(&p->accidents, true, &p->strike);
    p->ret->counts.strikes[struck]++;
    play_trace(p, "DISK at operation %llu", (unsigned long long)p->strike.at);
    return struck;
}

static enum disk_strike struck_now(struct play *p)
{
    return note_strike(p, disk_struck(storage_disk(p->storage)));
}

static enum commit_end commit_storage(struct play *p)
{
    AUTO_FAULT f = {0};
    int r = play_engine_is(p, MUTANT_FORGETS_COMMIT) ? 0 : append_all(p, &f);
    enum disk_strike struck = struck_now(p);

    p->certain = p->tape.events.count;
    p->in_doubt = r < 0;
    if (!to_tape(p))
        return COMMIT_FAILED;
    if (r < 0 && struck == DISK_SOUND)
        play_break(p, INVARIANT_JOURNAL, "a sound disk, and: %s", f.message);
    /* What was committed before the cut has to be there after it. */
    if (struck == DISK_POWER || struck == DISK_KILL)
        return COMMIT_CUT;
    return r < 0 ? COMMIT_FAILED : COMMIT_DONE;
}

enum commit_end play_commit(struct play *p)
{
    enum commit_end end = p->storage ? commit_storage(p) : commit_tape(p);

    p->commits++;
    return end;
}

/* The next strike: as the script says, as it is forced, or within the next operations. */
static void plan_strike(struct play *p)
{
    struct disk *disk = storage_disk(p->storage);
    uint64_t next = disk_operations(disk) + 1;
    uint64_t roll = dice_mix(dice_mix(p->options->shape.seed, 0x64697363), next);
    uint64_t within = STRIKE_WITHIN * (1 + (uint64_t)p->short_lives * p->short_lives);
    struct accident a = {.kind = ACCIDENT_STRIKE, .at = next + roll % within};

    a.amount = (int64_t)(DISK_SOUND + 1 + (roll >> 32) % (DISK_STRIKE_COUNT - 1));
    bool rolled = shape_has(&p->options->shape, SIM_DISKS);
    p->strike = a;
    p->strike_noted = false;
    if (accident_next(&p->accidents, rolled, next, &p->strike))
        disk_plan(disk, p->strike.at, (enum disk_strike)p->strike.amount);
}

static void hold_against_tape(struct play *p, const struct event_sums *read)
{
    size_t all = p->tape.events.count, count = read->list.count;

    if (p->in_doubt && count == p->certain) {
        p->ret->counts.lost_events += all - count;
        tape_cut(&p->tape, count);
        struct picture after = p->expected;
        p->expected = p->before;
        p->before = after;
    } else if (count != all) {
        play_break(p, INVARIANT_JOURNAL, "%zu events were committed, %zu are there", all, count);
    }
    p->in_doubt = false;
    for (size_t i = 0; i < count && i < p->tape.events.count; i++)
        if (read->list.at[i] != p->tape.sums.at[i])
            play_break(p, INVARIANT_JOURNAL, "event %zu is another one", i + 1);
}

bool play_open_journal(struct play *p)
{
    AUTO_FAULT f = {0};
    struct event_sums read = {0};

    if (!p->storage)
        return true;
    plan_strike(p);
    int r = storage_open(p->storage, &read, &f);
    if (struck_now(p) == DISK_SOUND && r < 0)
        play_break(p, INVARIANT_JOURNAL, "it can't be opened: %s", f.message);
    if (r == 0)
        hold_against_tape(p, &read);
    vector_free(&read.list);
    return r == 0;
}

void play_close_journal(struct play *p, enum disk_strike how)
{
    if (!p->storage)
        return;
    bool planned = struck_now(p) != DISK_SOUND || how == DISK_SOUND;
    enum disk_strike struck = storage_end(p->storage, how);
    if (planned)
        (void)note_strike(p, struck);
}
