/* SPDX-License-Identifier: Apache-2.0 */
/* An attempt in the keeper, from the start of its main process until nothing of it is left. */
#ifndef KELP_PROCESS_ATTEMPT_H
#define KELP_PROCESS_ATTEMPT_H

#include "process/bound_groups.h"
#include "process/deadlines.h"
#include "process/keeper.h"
#include "process/output.h"
#include "process/proc.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#define ATTEMPT_STATES(X)                                                                         \
    X(STARTING, "starting") /* on file, no process yet */                                         \
    X(RUNNING, "running")                                                                         \
    X(STOPPING, "stopping") /* TERM is sent, the grace runs */                                    \
    X(KILLING, "killing")   /* KILL is sent, the main process is not reaped yet */                \
    X(LINGERING,                                                                                  \
      "lingering")          /* the main process is gone, the others have the rest of the grace */ \
    X(CLEARING, "clearing") /* the main process is gone, the others are killed */                 \
    X(OVER, "over")         /* reported, freed at the end of the turn */

enum attempt_state {
#define ATTEMPT_STATE_ENUM(name, word) ATTEMPT_##name,
    ATTEMPT_STATES(ATTEMPT_STATE_ENUM)
#undef ATTEMPT_STATE_ENUM
        ATTEMPT_STATE_COUNT
};

enum attempt_event {
    ATTEMPT_ON_SPAWNED,
    ATTEMPT_ON_FAILED,
    ATTEMPT_ON_STOP,   /* the engine wants its end */
    ATTEMPT_ON_REAPED, /* the main process is gone */
    ATTEMPT_ON_EMPTY,  /* and so is everything else of it */
    ATTEMPT_ON_TIME,   /* the state's deadline has come */
    ATTEMPT_EVENT_COUNT
};

enum { ATTEMPT_NO_GROUP = -1 };

struct holder;

/* What a descriptor in the keeper's loop belongs to; embedded. */
struct watch {
    void (*ready)(struct holder *holder, struct watch *watch);
};

struct attempt {
    struct watch watch; /* of the pidfd; first, so that it is the attempt's address */
    struct deadline deadline;
    enum attempt_state state;
    pid_t pid;                  /* of the main process; 0 before; -1 once it is reaped */
    pid_t session;              /* which the main process has founded; stays after the reaping */
    int pidfd;                  /* -1: there is none */
    int64_t group;              /* number of its control group, or ATTEMPT_NO_GROUP */
    bool group_killed;          /* so it is not used again */
    struct proc_list members;   /* without a group: its processes but the main one, at a look */
    struct proc_list survivors; /* killed after the main process was gone */
    size_t left;                /* of them and others, at the last look */
    struct keeper_event end;    /* filled as its end becomes known */
    uint64_t output_max_bytes;
    struct output outputs[2];
    struct bounds bounds;
    struct bound_hold hold; /* what keeps it to them */
    bool bound_watched;     /* the keeper looks from time to time whether it ran into one */
    size_t place;           /* in the list of those that wait for emptiness, from 1; 0: not in it */
    struct attempt *next_by_id, *next_by_pid; /* registry */
    char id[];
};

struct attempt *attempt_new(const char *id) __attribute__((returns_nonnull));
void attempt_free(struct attempt *attempt);

/* One cell of the table. `allowed` false: the event cannot happen in the state. */
struct attempt_step {
    bool allowed;
    enum attempt_state next;
};
struct attempt_step attempt_step(enum attempt_state state, enum attempt_event event);
const char *attempt_state_name(enum attempt_state state);

#endif
