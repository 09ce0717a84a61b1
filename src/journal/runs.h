/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runs of a repository: `.kelp/runs/ORG_n/`, a folder each. Who makes the folder has the ID.
 * `root` is the repository's top folder, or the current one where there is no repository.
 */
#ifndef KELP_JOURNAL_RUNS_H
#define KELP_JOURNAL_RUNS_H

#include "base/fault.h"
#include "base/vector.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { RUNS_FIRST_NUMBER = 1001 };

/* Plain data. */
struct run_entry {
    uint32_t number;         /* ORG_number */
    bool ended;              /* its journal says so; false as well when that can't be read */
    bool journalled;         /* its journal has an event, or can't be read: something happened */
    pid_t engine;            /* the process that works on it; 0 if none does */
    char status[16];         /* of a run that has ended, e.g. "partial"; else "" */
    enum fault_code trouble; /* why its journal can't be read; FAULT_NONE: it can */
};

struct runs {
    VECTOR(struct run_entry) list; /* newest first */
};

/* The number that the next run gets if nobody else is quicker. Touches nothing. */
int runs_peek(const char *root, uint32_t *ret_number, struct fault *f) MUST_CHECK;
/* Takes the next number by making its folder, and `.kelp`, which ignores itself, around it. A
 * number is not given out twice, even if its run was removed. The caller frees `*ret_dir`. */
int runs_take(const char *root, uint32_t *ret_number, char **ret_dir, struct fault *f) MUST_CHECK;
/* "ROOT/.kelp/runs/ORG_n", whether it is there or not; the caller frees. */
char *runs_dir(const char *root, uint32_t number);
/* A repository without runs gives an empty list. */
int runs_list(const char *root, struct runs *ret, struct fault *f) MUST_CHECK;
void runs_free(struct runs *runs);
/* The newest run that has a journal and has not ended. FAULT_NOT_FOUND if there is none. */
int runs_newest_unfinished(const char *root, uint32_t *ret_number, struct fault *f) MUST_CHECK;
/* Looks at one run; FAULT_NOT_FOUND if its folder is not there. */
int runs_look(const char *root, uint32_t number, struct run_entry *ret, struct fault *f) MUST_CHECK;

#endif
