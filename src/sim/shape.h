/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of one simulated world: a seed, how large its plan may get, and what may go wrong in
 * it. Everything is drawn from the seed by dice of its own, so a smaller shape of the same seed is
 * the same world with parts left out; that is what makes shrinking a failure work.
 */
#ifndef KELP_SIM_SHAPE_H
#define KELP_SIM_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_FAULTS(X)                                                                           \
    X(FAILING, "failing")       /* agents fail honestly, refuse, are blocked, claim too much */ \
    X(FLAKY, "flaky")           /* transient errors, crashes, malformed results */              \
    X(HANGING, "hanging")       /* agents that only a stop ends */                              \
    X(RATES, "rates")           /* storms of rate limits */                                     \
    X(QUOTAS, "quotas")         /* an exhausted quota, a refused key */                         \
    X(CHECKS, "checks")         /* set-up, checks, cleanup and on_failure commands fail */      \
    X(CONFLICTS, "conflicts")   /* branches meet in the same paths */                           \
    X(WORKERS, "workers")       /* copies, fetches, merges fail */                              \
    X(REFUSALS, "refusals")     /* landing and pushing are refused; the user says no */         \
    X(LIMITS, "limits")         /* of time, tokens and money */                                 \
    X(INTERRUPTS, "interrupts") /* drain, stop and final, at any time */                        \
    X(REQUESTS, "requests")     /* retry and land after the end, children asked for */          \
    X(REPEATS, "repeats")       /* events twice, late, or the end before the start */           \
    X(CRASHES, "crashes")       /* the engine dies */                                           \
    X(REBOOTS, "reboots")       /* ... and the machine with it */                               \
    X(JUMPS, "jumps")           /* the clock leaps */                                           \
    X(PRESSURE, "pressure")     /* the machine bears fewer agents, or more again */             \
    X(LOST, "lost")             /* git did it, and its outcome never came */                    \
    X(STORMS, "storms")         /* times in which a provider turns all away */                  \
    X(FLAPPING, "flapping")     /* programs that work and fail by turns */                      \
    X(LYING, "lying")           /* agents whose word and numbers mean nothing */                \
    X(SLOW, "slow")             /* agents that take hours */                                    \
    X(STALE, "stale")           /* an end that was told long ago, told otherwise */             \
    X(KEEPERS, "keepers")       /* the keeper dies beside a living engine */                    \
    X(SLEEPS, "sleeps")         /* the machine is suspended for hours */                        \
    X(DISKS, "disks")           /* the journal can't be written */

enum sim_fault {
#define SIM_FAULT_ENUM(name, word) SIM_##name,
    SIM_FAULTS(SIM_FAULT_ENUM)
#undef SIM_FAULT_ENUM
        SIM_FAULT_COUNT
};

enum { SIM_FAULTS_ALL = (1 << SIM_FAULT_COUNT) - 1 };

/* Plain data. */
struct shape {
    uint64_t seed;
    uint32_t children; /* subtasks, at most */
    uint32_t steps;    /* of a subtask, at most */
    uint32_t agents;   /* of a step, at most */
    uint32_t faults;   /* a set: 1 << enum sim_fault */
};

/* Everything may happen, in plans of the usual size. */
struct shape shape_usual(uint64_t seed);
/* Every fourth of the usual size, the others smaller: a search gets around more in less time. */
struct shape shape_mixed(uint64_t seed);
/* As above, in plans small enough for a crash at every point. */
struct shape shape_small(uint64_t seed);
bool shape_has(const struct shape *s, enum sim_fault fault);
const char *sim_fault_name(enum sim_fault fault);
/* False for a word that is none of the list. */
bool sim_fault_parse(const char *word, enum sim_fault *ret);

#endif
