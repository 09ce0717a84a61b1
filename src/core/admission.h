/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many agents the machine bears, judged before it hurts. Each thing that can run out has marks:
 *
 *     plenty left             as many agents more as fit above the first mark
 *     below the first mark    no more than run
 *     below the second mark   a quarter fewer, once as few run as may
 *
 * After some looks in a row at which more would fit, half as many again may run, until it is as
 * many as the run wants. So a burst of agents that fit becomes a ramp of a few looks, and one that
 * does not fit stops on the way. One agent may always run, or nothing would ever be free again.
 */
#ifndef KELP_CORE_ADMISSION_H
#define KELP_CORE_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

/* name, the word in files, and what people are told */
#define ADMISSION_CAUSES(X)                              \
    X(NONE, "none", "")                                  \
    X(MEMORY, "memory", "memory pressure")               \
    X(DESCRIPTORS, "descriptors", "limit of open files") \
    X(PROCESSES, "processes", "limit of processes")      \
    X(DISK, "disk", "little disk space")

enum admission_cause {
#define ADMISSION_CAUSE_ENUM(name, word, sentence) ADMISSION_##name,
    ADMISSION_CAUSES(ADMISSION_CAUSE_ENUM)
#undef ADMISSION_CAUSE_ENUM
        ADMISSION_CAUSE_COUNT
};

/* What is left of something; a total of 0 is unknown and bounds nothing. */
struct machine_part {
    uint64_t left, total;
};

/* One look at the machine. Right when zeroed: nothing is known. */
struct machine_reading {
    struct machine_part of[ADMISSION_CAUSE_COUNT]; /* bytes, descriptors, processes and threads */
    uint32_t stalled_permille; /* of the last 10 s, in which some process waited for memory */
};

struct admission_level {
    uint32_t limit; /* agents at once; 0: the machine bounds nothing */
    enum admission_cause cause;
};

/* Right when zeroed. */
struct admission {
    struct admission_level level;
    unsigned calm; /* looks in a row at which more would fit */
};

/* A look while `running` agents are alive in a run that may want up to `wanted` at once. True if
 * the level changed. */
bool admission_look(struct admission *a, const struct machine_reading *r, uint32_t running,
                    uint32_t wanted);

const char *admission_cause_name(enum admission_cause cause);     /* "memory" */
const char *admission_cause_sentence(enum admission_cause cause); /* "memory pressure" */

#endif
