/* SPDX-License-Identifier: Apache-2.0 */
/* What this machine can do for attempts, found by trying, for `kelp doctor` and for warnings. */
#ifndef KELP_PROCESS_PROBE_H
#define KELP_PROCESS_PROBE_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>

#define PROBES(X)                                                                          \
    X(CONTAINMENT, "containment", "how what an attempt leaves behind is found")            \
    X(GROUP_KILL, "group-kill", "a whole control group can be killed at once")             \
    X(FENCE, "limits", "a run can't use all memory and all processes")                     \
    X(BOUNDS, "agent-limits", "how the limits of one agent are kept")                      \
    X(SPAWN, "spawn", "how a process is made")                                             \
    X(PIDFD, "pidfd", "an end is told by a descriptor of the process")                     \
    X(SUBREAPER, "subreaper", "orphans come to the keeper")                                \
    X(SANDBOX, "sandbox", "writes are kept inside of an attempt's paths")                  \
    X(PRIVATE, "private", "an attempt can't read keys, and what others print and keep")    \
    X(OUTSIDE, "outside",                                                                  \
      "an attempt can't change modes and times, or reach the user's terminals")            \
    X(CALLS, "system-calls", "calls that no agent needs are shut")                         \
    X(NETWORK, "network-off", "an attempt can be kept from the network")                   \
    X(ENDPOINT, "network-endpoint", "an attempt can be kept to the endpoint of its model") \
    X(FILES, "open-files", "how many attempts a keeper can hold at once")                  \
    X(PIDS, "pids", "how many processes and threads the machine can have")                 \
    X(PRESSURE, "pressure", "the kernel tells how overloaded the machine is")              \
    X(OUTPUT_BOUND, "output-bound", "the middle of a long output can be cut out")

enum probe {
#define PROBE_ENUM(name, word, sentence) PROBE_##name,
    PROBES(PROBE_ENUM)
#undef PROBE_ENUM
        PROBE_COUNT
};

enum probe_state {
    PROBE_GOOD,     /* the best there is */
    PROBE_FALLBACK, /* another way is used, which costs more or finds less */
    PROBE_MISSING,  /* kelp works without it, and says what is lost */
};

/* Plain data. */
struct probe_row {
    const char *name;     /* literal */
    const char *sentence; /* literal: what it is about */
    enum probe_state state;
    char *value; /* owned: what was found, e.g. "landlock, version 7" */
};

/* Fills all rows, indexed by enum probe. `dir` is a folder on the file system of the runs, for
 * OUTPUT_BOUND. Starts a few short processes. */
void probe_machine(const char *dir, struct probe_row ret_rows[PROBE_COUNT]);
void probe_free(struct probe_row rows[PROBE_COUNT]);

const char *probe_state_name(enum probe_state state);

/* `network: endpoint` can be kept; else such attempts do not start. Starts a short process or two.
 */
bool probe_can_relay(void);

/* Files of the user can be hidden from an attempt. Starts a short process or two. */
bool probe_can_hide(void);

/* Control groups keep an attempt to its memory and its processes; else the keeper measures. */
bool probe_can_bound(void);

/* How many attempts one keeper can hold: its hard limit of descriptors, less its own. */
size_t probe_attempts_max(void);

#endif
