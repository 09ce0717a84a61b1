/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the keeper process and how they call each other. For holder*.c alone. */
#ifndef KELP_PROCESS_HOLDER_PRIV_H
#define KELP_PROCESS_HOLDER_PRIV_H

#include "base/arena.h"
#include "base/vector.h"
#include "process/attempt.h"
#include "process/fence.h"
#include "process/groups.h"
#include "process/holder.h"
#include "process/ledger.h"
#include "process/registry.h"
#include "process/remains.h"
#include "process/request.h"

#include <sys/resource.h>

/* The connection to the engine. The engine is sent the record file, from its start. */
struct link {
    struct watch watch;
    int fd;            /* -1: no engine */
    bool greeted;      /* its HELLO has come */
    bool wants_write;  /* the loop watches for room */
    bool more;         /* whole requests may be left in `in` */
    struct text in;    /* read and not yet carried out */
    size_t in_done;    /* bytes at its start that are */
    uint64_t cursor;   /* up to where of the record file is in `out` */
    struct text out;   /* to be sent */
    size_t out_done;   /* bytes at its start that are */
    struct text aside; /* records that are not in the file; sent when all of the file is */
};

/* A start whose BEGIN is not on file yet. */
struct begun {
    struct attempt *attempt;
    struct request *request; /* in the turn's arena */
};

struct holder {
    struct holder_options options;
    struct clock clock;
    int64_t now_ms; /* read once a turn */
    int epoll_fd;
    int listen_fd;
    int signal_fd;
    int jail_fd; /* a low number, where a start's sandbox lies: see start_sandbox */
    struct watch listen_watch, signal_watch;
    struct rlimit files; /* as it was; attempts get it back */
    char mark[RECORD_MARK_BYTES];
    struct ledger ledger;
    size_t owed_bytes; /* that the records of the attempts that are not over may still take */
    struct groups groups;
    struct fence fence;
    struct bound_groups bound_groups;
    bool no_spaces; /* found out once: see struct sandbox_jail */
    struct registry registry;
    struct remains remains;
    struct link link;
    struct arena turn; /* the requests of this turn */
    VECTOR(struct begun) begun;
    VECTOR(struct attempt *) waiting; /* for their last process to go */
    VECTOR(struct attempt *) over;    /* to be freed at the end of the turn */
    struct deadlines deadlines;
    struct deadline look_at, output_at, bound_at, leave_at, again_at;
    bool look_wanted;        /* somebody waits, or a child has ended */
    int64_t look_allowed_us; /* so that looking takes a bounded share of the time */
    int64_t reap_allowed_ms; /* the same for what costs more with many children */
    size_t bounded;          /* attempts with a bound on their output */
    size_t bound_watched;    /* attempts that are looked at for what they use */
    size_t groupless;        /* attempts that have no control group */
    bool has_pidfds;         /* every attempt that runs has one */
    bool scanned;            /* in this turn: `remains` is fresh */
    bool dismissed;
    bool leaving;
};

/* holder_link.c */
int link_listen(struct holder *h, struct fault *f) MUST_CHECK;
/* Lets in an engine that waits to be, if there is one and none is connected. */
void link_accept(struct holder *h);
/* Carries out what the engine has asked, as much as one turn allows. */
void link_serve(struct holder *h);
/* Sends what is on file and was not sent. */
void link_send(struct holder *h);
void link_close(struct holder *h);
/* Nothing is left to send, or nobody to send it to. */
bool link_is_idle(const struct holder *h);
/* Sends this record although it is not in the file. */
void link_add_aside(struct holder *h, const struct record *record);

/* holder_start.c */
/* Notes the start; `request` lives until the end of the turn. */
void holder_start(struct holder *h, struct request *request);
/* Writes what was noted to the file, then starts it. */
void holder_start_begun(struct holder *h);

/* holder_end.c */
void holder_stop(struct holder *h, const char *id, int64_t grace_ms);
void holder_stop_all(struct holder *h, int64_t grace_ms);
/* The loop's callback for a pidfd. */
void holder_attempt_ready(struct holder *h, struct watch *watch);
/* Something has happened to an attempt; false: its table has no such step. */
bool holder_step(struct holder *h, struct attempt *attempt, enum attempt_event event);
/* Appends the processes of an attempt, as they are found now. */
void holder_collect(struct holder *h, struct attempt *attempt, struct proc_list *list);
/* Reaps, and sees whose last process is gone. */
void holder_look(struct holder *h);

/* holder_output.c */
/* To be called for all attempts from time to time, and for one at its end. */
void holder_bound_outputs(struct holder *h);
void holder_bound_output(struct holder *h, struct attempt *attempt);
/* When the next round is due. */
void holder_bound_later(struct holder *h);

/* holder_bounds.c */
/* From its start on; `hold` becomes the attempt's. */
void holder_bounds_begin(struct holder *h, struct attempt *attempt, const struct bounds *bounds,
                         struct bound_hold *hold);
/* Nothing of it is left: notes which bound ended it. */
void holder_bounds_end(struct holder *h, struct attempt *attempt);
/* Looks who has run into a bound, and ends them. */
void holder_bounds_look(struct holder *h);

/* holder.c */
int holder_watch(struct holder *h, int fd, uint32_t events, struct watch *watch) MUST_CHECK;
bool holder_flush(struct holder *h);
/* Another turn soon, for what the disk has refused: nothing else may wake the loop. */
void holder_try_again(struct holder *h);

#endif
