/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the parts of the task reader: task.c, task_list.c, task_links.c. */
#ifndef KELP_PLAN_TASK_PRIV_H
#define KELP_PLAN_TASK_PRIV_H

#include "base/vector.h"
#include "plan/source.h"
#include "plan/task.h"

struct task_scan {
    char *s;     /* the text as given, same offsets; what was understood is cut (words_cut) */
    size_t from; /* behind the tag */
    size_t length;
    struct arena *arena;
    struct fault *fault;
    struct task *task;
    bool parallel_agents; /* the agent count said "parallel" */
    struct source_cursor cursor;
};

/* One job of a list, still as a range of the text. */
struct task_piece {
    size_t start, end;
    size_t indent;   /* of its text in its line */
    unsigned number; /* as written; 0: none */
};

struct task_pieces {
    VECTOR(struct task_piece) list;
    size_t start, end; /* of all, marks included */
};

/* Recognises one of the forms; sets task->form and task->dimensions. No pieces: TASK_SINGLE.
 * Uses task->parallel, which is then what the whole text says. */
int task_find_pieces(struct task_scan *scan, struct task_pieces *ret) MUST_CHECK;
/* Does s[start..end) say parallel, independent or simultaneously, without a "not" before it? */
bool task_says_parallel(const char *s, size_t start, size_t end);
/* From pieces to task->items: annotations are read and cut, numbers become indexes. */
int task_link_items(struct task_scan *scan, const struct task_pieces *pieces) MUST_CHECK;
/* FAULT_PLAN at the place of an offset. */
int task_fail(struct task_scan *scan, size_t offset, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Line and column of an offset; cheap where offsets rise from call to call. */
struct plan_place task_place(struct task_scan *scan, size_t offset);

#endif
