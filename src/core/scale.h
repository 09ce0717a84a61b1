/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The embedded scaling rule: how many agents share a fan-out, and how many agents run at once.
 *
 * k agents that share `items` take
 *     time(k) = ceil(items / k) * minutes_per_item + k * overhead
 * since items of one agent run one after the other and the engine starts agents one after
 * the other. The rule takes the k with the least time (ties: the smallest k), up to a cap:
 *     commands: SCALE_CORE_FACTOR agents for each core, since they compute
 *     models:   scale_slots, since they wait for an endpoint
 * What a user asks for is taken exactly; where it is more than the machine can run at once,
 * a warning names the capacity.
 */
#ifndef KELP_CORE_SCALE_H
#define KELP_CORE_SCALE_H

#include "base/arena.h"
#include "core/history.h"

#include <stdint.h>

enum { SCALE_CORE_FACTOR = 2, SCALE_SLOTS_MAX = 65536 };
#define SCALE_OVERHEAD_S 0.3

/* What was measured of the machine; 0 is unknown and bounds nothing (cores: taken as 1). */
struct scale_machine {
    unsigned cores;
    uint64_t memory_bytes; /* available, not installed */
    uint64_t descriptors;  /* the limit of one process */
    uint64_t processes;    /* how many more may be started: pid and user limits */
};

struct scale_input {
    size_t items;
    double minutes_per_item;
    enum work_kind kind;
    struct scale_machine machine;
    double overhead_s; /* 0: SCALE_OVERHEAD_S */
    size_t user;       /* how many agents were asked for; 0: automatic */
};

struct scale_choice {
    size_t agents;       /* 0 only for no items; never more than items */
    size_t batch;        /* items for each, at most (fan_range); 1 or more */
    const char *how;     /* a sentence without a full stop, in the arena */
    const char *warning; /* "" if there is none */
};

void scale_choose(const struct scale_input *input, struct arena *arena, struct scale_choice *ret);

/* How many agents of a kind may run at once on the machine, 1 to SCALE_SLOTS_MAX. Commands are
 * counted with 8 MiB and 4 processes each, models with 300 MiB and 16; each with one
 * descriptor, 256 of which are kept back. Cores bound nothing here: a hundred children at
 * once are normal on a small machine. */
size_t scale_slots(const struct scale_machine *machine, enum work_kind kind);
/* Why: "memory: 2048 MiB at 8 MiB each"; in the arena. */
const char *scale_slots_why(const struct scale_machine *machine, enum work_kind kind,
                            struct arena *arena);
/* "" or, if `wanted` is more than scale_slots, a warning that names the capacity. */
const char *scale_warning(const struct scale_machine *machine, enum work_kind kind, size_t wanted,
                          struct arena *arena);

#endif
