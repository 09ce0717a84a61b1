/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by land.c and land_resume.c only. */
#ifndef KELP_GIT_LAND_PRIV_H
#define KELP_GIT_LAND_PRIV_H

#include "git/changes.h"
#include "git/land.h"

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
/* If a note is there, an earlier landing was cut short: finishes it, or takes it back. */
int landing_resume(struct landing *l, struct fault *f) MUST_CHECK;

#endif
