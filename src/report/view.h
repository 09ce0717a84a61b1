/* SPDX-License-Identifier: Apache-2.0 */
/* report.json as those who show it want to read it. Everything is borrowed from the report. */
#ifndef KELP_REPORT_VIEW_H
#define KELP_REPORT_VIEW_H

#include "base/json.h"

/* A subtask with what was observed of its agents. */
struct view_subtask {
    const json_t *subtask;
    const json_t *orch;                   /* that works on it: a child, or the root */
    const char *title, *reason, *exec_id; /* never NULL */
    const char *status;                   /* as view_status */
    const char *says;                     /* the summary of the last agent that has one; "" */
    bool delivered;                       /* done, and its changes are part of the result */
    size_t agents, agents_done, attempts, checks, passed;
    size_t undo, undone; /* on_failure commands that ran, and that passed */
    int64_t commits, files, insertions, deletions;
    int64_t started_ms, ended_ms; /* 0: not yet */
};

/* One entry for each subtask; the caller frees. */
struct view_subtask *view_subtasks(const json_t *report, size_t *ret_count);

/* The array at `key`, for json_array_foreach; an empty one if there is none. */
const json_t *view_array(const json_t *object, const char *key);
/* Never NULL: a text, or "". */
const char *view_text(const json_t *object, const char *key);
/* A string of a list; "" for any other value. */
const char *view_string(const json_t *value);
/* How it ended; while it has not, the state it is in. */
const char *view_status(const json_t *object);
/* Whether the run, or the child that the report is about, has ended. */
bool view_has_ended(const json_t *report);
/* A count or a time, 0 if it is none and within what can be added up without overflow. */
int64_t view_count(const json_t *object, const char *key);
/* A number of seconds as milliseconds, likewise. */
int64_t view_seconds_ms(const json_t *object, const char *key);
/* Milliseconds from started_ms to ended_ms; -1 if either is not known. */
int64_t view_span(const json_t *object);
/* The first orchestrator: the root, or the one that a child's report is about. */
const json_t *view_head(const json_t *report);
/* Whether it is the report of one orchestrator. */
bool view_is_child(const json_t *report);

/* Findings, the severe ones first, else in their order. The caller frees the array. */
const json_t **view_findings(const json_t *report, size_t *ret_count);
/* 0 for `high` (or worse) to 3 for `info`; 4 for any other word. */
unsigned view_severity(const json_t *finding);

#endif
