/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a request: its ID tag, its agent count, and the jobs that it lists. Nothing here
 * understands language; docs/planner.md writes down the few forms that are recognised. Places
 * are in the text as it was given, file "task".
 */
#ifndef KELP_PLAN_TASK_H
#define KELP_PLAN_TASK_H

#include "base/fault.h"
#include "core/exec_id.h"
#include "core/plan.h"

enum { TASK_BYTES_MAX = 1024 * 1024 };

enum task_form {
    TASK_SINGLE,     /* no list: one job */
    TASK_BULLETS,    /* "- a" lines; independent */
    TASK_NUMBERED,   /* "1. a" lines, or "1) a 2) b"; a sequence unless the text says otherwise */
    TASK_LIST,       /* "these bugs: a; b; c"; independent */
    TASK_DIMENSIONS, /* "across a, b and c"; independent */
};

struct task_item {
    const char *text;         /* without marker and annotations */
    unsigned number;          /* as written, else the position; what "[depends on #2]" means */
    const size_t *depends_on; /* indexes of items; the order of a sequence is in it */
    size_t depends_count;
    struct plan_place place;
};

struct task {
    bool tagged;
    struct exec_id tag; /* of `[EXEC_ID: ORG_4729.1]` at the head, if tagged */
    const char *text;   /* without tag and agent count */
    const char *lead;   /* what stands before the items; the whole text if there are none */
    const char *rest;   /* what stands behind them */
    unsigned agents;    /* 0: not said */
    bool parallel;      /* the text says parallel, independent or simultaneously */
    enum task_form form;
    struct task_item *items;
    size_t count;
    unsigned dimensions; /* "across 6 dimensions" that names none: 6; else 0 */
};

/* All of *ret lives in `a`. FAULT_PLAN with a place, or FAULT_USAGE for a malformed ID tag. */
int task_parse(const char *text, struct arena *a, struct task *ret, struct fault *f) MUST_CHECK;

#endif
