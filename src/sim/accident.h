/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What befalls a play, one accident at a time: a crash at a point, a report that comes twice, a
 * user who loses patience, a job that fails. Each happens at a place, a number that its kind
 * defines. A play writes down which happened; that list is a script, and a play that is given one
 * asks no dice: nothing happens but what it says. So a failure can be cut down one accident at a
 * time.
 */
#ifndef KELP_SIM_ACCIDENT_H
#define KELP_SIM_ACCIDENT_H

#include "base/text.h"
#include "base/vector.h"
#include "sim/shape.h"

#include <stdbool.h>
#include <stdint.h>

/* name, word, what the place is and what the amount */
#define ACCIDENT_KINDS(X)                                                                      \
    X(CRASH, "crash")       /* crash point: the engine dies */                                 \
    X(REBOOT, "reboot")     /* life: the machine goes down with the engine */                  \
    X(HALF, "half")         /* job: git had done it when it was killed, and nobody was told */ \
    X(PAUSE, "pause")       /* life: nobody resumes for so many ms */                          \
    X(LEAP, "leap")         /* life: the clock is set by so many ms, back or forth */          \
    X(SLEEP, "sleep")       /* turn: the machine is suspended for so many ms */                \
    X(KEEPER, "keeper")     /* turn: the keeper dies, and what it ran */                       \
    X(FULL, "full")         /* commit: there is no space for it */                             \
    X(UNTOLD, "untold")     /* commit: it seems to fail and is there nevertheless */           \
    X(STRIKE, "strike")     /* operation of the disk: this enum disk_strike happens */         \
    X(TWICE, "twice")       /* report: told once more after so many ms */                      \
    X(LATE, "late")         /* report: told so many ms later */                                \
    X(STALE, "stale")       /* turn: the end of this job, long known, is told otherwise */     \
    X(LAG, "lag")           /* turn: the engine is late by so many ms */                       \
    X(DRAIN, "drain")       /* turn: ... and the next: somebody interrupts */                  \
    X(STOP, "stop")         /* turn */                                                         \
    X(FINAL, "final")       /* turn */                                                         \
    X(PRESSURE, "pressure") /* turn: the machine bears so many agents, or any number */        \
    X(CHILD, "child")       /* turn: an agent asks for a child */                              \
    X(RETRY, "retry")       /* end of the run, from 0: this orchestrator is to be retried */   \
    X(LAND, "land")         /* end of the run: it is to land */                                \
    X(COLLECT, "collect")   /* end of the run: kelp gc; all clones go */                       \
    X(TROUBLE, "trouble")   /* job, by its identity (fate.c): it does not go as it should */

enum accident_kind {
#define ACCIDENT_ENUM(name, word) ACCIDENT_##name,
    ACCIDENT_KINDS(ACCIDENT_ENUM)
#undef ACCIDENT_ENUM
        ACCIDENT_KIND_COUNT
};

/* Plain data. */
struct accident {
    enum accident_kind kind;
    uint64_t at;    /* where */
    int64_t amount; /* how much, by kind */
};

/* Sorted by kind and place, none twice. A zeroed script is empty. */
struct script {
    VECTOR(struct accident) list;
};

/* What a play asks. A zeroed one asks dice and forces nothing. */
struct accidents {
    const struct script *script;        /* NULL: the dice say */
    const struct accident *forced;      /* happens whatever the dice say; NULL: none */
    struct script happened;             /* in the order in which they did; not sorted */
    uint64_t troubles[SIM_FAULT_COUNT]; /* those of jobs, by what brought them */
};

/* Whether `a` would happen, and its amount; nothing is written down. */
bool accident_due(const struct accidents *all, bool rolled, struct accident *a);
/* The same, and it happens. */
bool accident_happens(struct accidents *all, bool rolled, struct accident *a);

/* The first place from `from` on where an accident of this kind would happen: as the script says,
 * as it is forced, or the place of `a` if that was rolled. */
bool accident_next(const struct accidents *all, bool rolled, uint64_t from, struct accident *a);

void script_sort(struct script *s);
void script_copy(const struct script *from, struct script *ret);
void script_free(struct script *s);
/* "crash@57,late@12:3400"; "none" for an empty one. */
void script_write(const struct script *s, struct text *out);
/* False for what script_write would not write; `ret` is filled so far, free it in any case. */
bool script_parse(const char *words, struct script *ret);
const char *accident_kind_name(enum accident_kind kind);

#endif
