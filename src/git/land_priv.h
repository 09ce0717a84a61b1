/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by land.c, land_resume.c and land_trial.c only, and with the fuzzer of the note. */
#ifndef KELP_GIT_LAND_PRIV_H
#define KELP_GIT_LAND_PRIV_H

#include "git/changes.h"
#include "git/land.h"

#include <jansson.h>
#include <sys/stat.h>

/* One landing under way. Owned but for spec. */
struct landing {
    const struct land_spec *spec;
    struct git user;
    struct identity who;
    char *top, *git_dir;
    char *branch; /* that HEAD is on, or NULL */
    char *head;   /* NULL: unborn */
    char *target; /* what HEAD will be */
};

int landing_read_head(struct landing *l, struct fault *f) MUST_CHECK;

/* The note of what is about to move, synced to disk; and its end. */
int landing_note_write(const struct landing *l, struct fault *f) MUST_CHECK;
int landing_note_remove(const struct landing *l, struct fault *f) MUST_CHECK;
/* Strings of the JSON value that it was read from. */
struct landing_note {
    const char *branch;
    const char *from, *to; /* names of commits; from is NULL where the branch was unborn */
};
/* -FAULT_FORMAT: no landing wrote this. */
int landing_note_read(const json_t *note, struct landing_note *ret) MUST_CHECK;
/* If a note is there, an earlier landing was cut short: finishes it, or takes it back. */
int landing_resume(struct landing *l, struct fault *f) MUST_CHECK;

/* What lies at the paths that a landing changes. Owned; end with landing_seen_free. */
struct landing_seen {
    char *from; /* the commit before; NULL: none */
    struct changes changes;
    struct stat *at; /* of each change; zeroed where nothing is there */
};
int landing_look(const struct landing *l, struct landing_seen *ret, struct fault *f) MUST_CHECK;
/* Git did not get to its end: what it has touched since landing_look becomes as it was. */
int landing_undo(const struct landing *l, const struct landing_seen *seen,
                 struct fault *f) MUST_CHECK;
void landing_seen_free(struct landing_seen *seen);

/* Sets the reason why files of the result that have a filter can't be written, if they can't: they
 * are written to a folder aside. */
int landing_try_filters(const struct landing *l, char **ret_reason, struct fault *f) MUST_CHECK;

#endif
