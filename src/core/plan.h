/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan: what is to be done, as data. Readers (src/plan) build it, everything else only
 * reads it. All of it lives in the arena that was handed to the reader; strings are UTF-8,
 * NUL-terminated and never NULL unless a field says so. Inheritance is already resolved:
 * `settings` of a step are the nearest of agent, wave, subtask and plan.
 */
#ifndef KELP_CORE_PLAN_H
#define KELP_CORE_PLAN_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Plain data: a borrowed list of strings. */
struct strings {
    const char **at;
    size_t count;
};

enum plan_isolation { ISOLATION_CLONE, ISOLATION_NONE };
/* DEFAULT: `wave` where waves are explicit, `flow` where steps have needs. */
enum plan_schedule { SCHEDULE_DEFAULT, SCHEDULE_WAVE, SCHEDULE_FLOW };
enum plan_land { LAND_MERGE, LAND_BRANCH, LAND_NONE };
enum plan_push { PUSH_AUTO, PUSH_ALWAYS, PUSH_NEVER };
enum plan_network { NETWORK_ALL, NETWORK_ENDPOINT, NETWORK_NONE };
enum plan_fan_kind { FAN_NONE, FAN_LIST, FAN_GLOB, FAN_COMMAND };

struct plan_place {
    unsigned line, column; /* 1-based; 0 when it does not come from a file */
};

/* `for_each`: one agent (or one subtask) per item, or per batch of items. */
struct plan_fan {
    enum plan_fan_kind kind;
    struct strings items; /* FAN_LIST only; the others are known when they are expanded */
    const char *source;   /* FAN_GLOB: a pathspec glob; FAN_COMMAND: a command whose lines count */
    unsigned batch;       /* items for each agent; 0 is `auto` */
};

enum { LIMIT_OFF = -1 };

/* 0 means "no limit" in the first four; in the others, which are of the machine, "not written", and
 * LIMIT_OFF "no limit". */
struct plan_limits {
    double minutes;       /* wall clock of the whole */
    double agent_minutes; /* wall clock of one attempt */
    double usd;
    int64_t tokens;
    int64_t memory_bytes; /* of all processes of one attempt together */
    int64_t processes;    /* and threads, of one attempt */
    int64_t open_files;   /* of each process */
    int64_t file_bytes;   /* up to which a file may be made to grow */
};

struct plan_sandbox {
    bool off;
    enum plan_network network;
    struct strings hosts; /* further "HOST:PORT" of `endpoint` */
    struct strings read;  /* of the user's keys that are hidden; `~/` is the user's home */
    struct strings write; /* further paths that may be written; the same */
};

enum { RETRIES_DEFAULT = -1 };

struct plan_settings {
    const char *agent;    /* driver: "command", "claude", ... */
    const char *model;    /* "" lets the driver choose */
    const char *base_url; /* of the endpoint, for drivers that take one; "" is the driver's own */
    enum plan_isolation isolation;
    enum plan_schedule schedule;
    struct plan_sandbox sandbox;
    int retries;          /* RETRIES_DEFAULT: not written anywhere */
    double stall_minutes; /* 0: off; below 0: not written */
    struct plan_limits limits;
};

/* One entry of `steps`, or one entry of the `agents` of an explicit wave. */
struct plan_step {
    /* Unique in its subtask. Where none was written: "s3", the third of `steps`; "w2.1", wave 2,
     * entry 1; "r1" in research. */
    const char *id;
    const char *title; /* title and role stand in for each other; with neither, the first line */
    const char *role;
    const char *prompt; /* "" if `run` */
    const char *run;    /* "" if `prompt` */
    unsigned count;     /* `count:`, 1 by default; a fan-out multiplies nothing */
    struct plan_fan for_each;
    double minutes;      /* 0: not written */
    const size_t *needs; /* indexes into the subtask's steps */
    size_t need_count;
    unsigned level; /* 1..; explicit waves: the wave; steps: longest path, set by the reader */
    bool writes_given;
    struct strings writes; /* path globs; given and empty: it writes nothing */
    struct plan_settings settings;
    struct plan_place place;
};

struct plan_wave {
    const char *title;
    unsigned allow_failures;
};

struct plan_command {
    const char *run;
    struct plan_place place;
};

struct plan_commands {
    const struct plan_command *at;
    size_t count;
};

struct plan_subtask {
    const char *id; /* unique; derived from the title where none was written */
    const char *title;
    const char *context; /* of a mission; "" */
    const char *mission;
    struct strings criteria;  /* success criteria in words; those with a command are in `success` */
    double minutes;           /* 0: not written */
    const size_t *depends_on; /* indexes into plan.subtasks */
    size_t depends_count;
    bool writes_given;
    struct strings writes;
    struct plan_fan for_each; /* one subtask per item */
    bool explicit_waves;
    struct plan_wave *waves; /* [level - 1]; for `steps` the titles are "" */
    size_t wave_count;
    struct plan_step *steps;
    size_t step_count;
    struct plan_commands success;
    struct plan_commands on_failure;
    struct plan_commands cleanup;
    const char *setup; /* "" for none */
    struct plan_settings settings;
    struct plan_place place;
};

struct plan {
    int version;
    const char *task;
    const char *file;           /* where it came from, for messages; "" for free text */
    unsigned agents;            /* how many at once; 0: automatic */
    bool research_given;        /* `research: []` is given and empty */
    struct plan_step *research; /* wave 0, level 0 */
    size_t research_count;
    struct plan_subtask *subtasks;
    size_t subtask_count;
    struct plan_commands cleanup; /* the root's */
    const char *setup;
    bool land_given, push_given; /* written in the plan; else configuration may say */
    enum plan_land land;
    enum plan_push push;
    struct plan_settings settings;
    struct strings environment; /* names that pass to agents beyond the allow list */
};

bool plan_step_is_command(const struct plan_step *step);
/* The schedule that holds: the written one, else by the form of the subtask. */
enum plan_schedule plan_step_schedule(const struct plan_subtask *subtask,
                                      const struct plan_step *step);
/* Entries that count as steps for the decision: waves where they are explicit, else steps. */
size_t plan_subtask_steps(const struct plan_subtask *subtask);

#endif
