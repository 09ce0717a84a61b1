/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of a play:
 *
 *     play.c         from the request to the end
 *     play_engine.c  an engine's life: its turns, its death, the next one's start
 *     play_journal.c what is committed, and what becomes of it
 *     play_faults.c  what befalls a living engine
 *     play_user.c    what people and the machine do: interrupt, resume, retry, land, bear less
 *     play_trace.c   what a reader of a failure sees
 */
#ifndef KELP_SIM_PLAY_PRIV_H
#define KELP_SIM_PLAY_PRIV_H

#include "sim/dice.h"
#include "sim/play.h"
#include "sim/storage.h"
#include "sim/tape.h"

/* What lies in an engine's inbox beside the world's reports. */
enum { INBOX_TIMER = 100, INBOX_STALE };

/* Why a turn, or an engine's life, is over. */
enum life { LIFE_GOES_ON, LIFE_CRASHED, LIFE_FAILED, LIFE_LEFT, LIFE_RUN_ENDED };

/* CUT: the engine died in it. FAILED: it has to leave, and knows it. */
enum commit_end { COMMIT_DONE, COMMIT_FAILED, COMMIT_CUT };

/* How a tree was at a moment. The text is only there for a play that is traced. */
struct picture {
    bool taken;
    uint64_t digest;
    struct text text;
};

struct play {
    const struct play_options *options;
    struct play_result *ret;
    struct arena arena;
    struct sim_case scene;      /* as it was meant */
    struct run_request request; /* as the tree is told */
    struct search_fates own_fates;
    struct world world;
    struct tape tape;
    struct dice dice; /* of pace and accidents */
    struct accidents accidents;
    int64_t clock_offset_ms; /* what the engine's clock shows beyond the world's time */

    /* The engine; gone after a crash. */
    struct tree *tree;
    struct agenda inbox;
    VECTOR(struct event) turn; /* applied, not committed yet */
    VECTOR(uint64_t) answers;
    struct commands commands; /* of the turn, not carried out yet */
    struct picture expected;  /* what the next engine's tree has to be, once that is known */

    struct storage *storage; /* NULL: the tape is the only journal */
    bool in_doubt;           /* the last turn may be in the journal */
    size_t certain;          /* events that are, if it is */
    struct picture before;   /* the tree without that turn */
    struct accident strike;  /* that is planned */
    bool strike_noted;
    uint32_t commits;
    size_t unkept; /* events of an unchecked play */

    uint32_t points; /* crash points passed */
    uint32_t turns, lives, reports;
    struct admission_level bears; /* what the machine does, as this engine was told */
    uint32_t short_lives;         /* of engines in a row that have not ended a turn */
    uint32_t interrupt_turn[3];   /* by level - 1; UINT32_MAX: never */
    uint32_t child_turn;          /* when an agent asks for a child */
    bool child_asked;
    uint32_t ends;         /* how often the run has ended */
    uint32_t asked;        /* requests after the end */
    int64_t tokens_before; /* spent before the last of them */
    double usd_before;
};

/* play_engine.c */
/* A new engine: replays the journal, then applies `first`; the request where there is nothing. */
enum life play_begin_life(struct play *p, const struct event *first);
enum life play_turn(struct play *p);
void play_end_life(struct play *p);
int64_t play_clock(const struct play *p);

/* Whether the planted bug is this one of the engine's. */
bool play_engine_is(const struct play *p, enum mutant_engine way);

/* play_journal.c */
/* A roll for this kind and place alone. */
bool play_strikes(const struct play *p, enum accident_kind kind, uint64_t at, double chance);
/* The turn's events, all or none. */
enum commit_end play_commit(struct play *p);
/* The next commit will fail, and nothing of it be there. */
bool play_commit_due_to_fail(const struct play *p);
/* False where it can't be opened: there is no engine then. */
bool play_open_journal(struct play *p);
void play_close_journal(struct play *p, enum disk_strike how);

/* play_faults.c */
void play_faults(struct play *p);
world_was_done play_was_done;

/* play_user.c */
void user_init(struct play *p);
void user_resumes(struct play *p);
/* What somebody, or the machine, does in this turn; false: nothing. */
bool user_acts(struct play *p, struct event *ret);
/* What they ask of a run that has ended; false: they are content. */
bool user_asks_more(struct play *p, const struct tree *t, struct event *ret);

/* kelp gc, now and then, of a run that has ended. */
void user_collects(struct play *p);

/* play_trace.c */
void play_trace(struct play *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void play_trace_event(struct play *p, const struct event *e);
void play_trace_command(struct play *p, const struct command *c);
const char *play_difference(struct play *p, const char *live, const char *replayed);
void play_count_event(struct play *p, const struct event *e);
void play_count_end(struct play *p);
void play_count_accidents(struct play *p);

/* play.c */
void play_break(struct play *p, const char *invariant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
