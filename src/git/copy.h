/* SPDX-License-Identifier: Apache-2.0 */
/* Makes private clones (clone.h) with their working tree. */
#ifndef KELP_GIT_COPY_H
#define KELP_GIT_COPY_H

#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

/* Borrowed strings; right when zeroed but for repo, commit, path and run. */
struct copy_spec {
    const char *repo;         /* the user's repository */
    const char *source;       /* NULL, or a clone of kelp's whose objects are needed too */
    const char *commit;       /* full name */
    const char *branch;       /* NULL: detached */
    const char *path;         /* of the working tree to be */
    const char *run;          /* "ORG_4729" */
    const char *include_from; /* NULL, or the root whose .worktreeinclude names what to bring */
    bool raw;                 /* contents as stored, without line-end conversion */
};

/* Plain data. */
struct copy_result {
    int64_t files;
    int64_t brought;    /* files that .worktreeinclude brought */
    const char *method; /* "existing", "checkout", "template", "template+update" */
};

/* Makes the clone. One that is complete is left as it is; a half-made one is made anew. */
int copy_make(const struct copy_spec *spec, struct copy_result *ret, struct fault *f) MUST_CHECK;

#endif
