/* SPDX-License-Identifier: Apache-2.0 */
/* Publishes what landed, with the user's own credentials and hooks; never by force. */
#ifndef KELP_GIT_PUSH_H
#define KELP_GIT_PUSH_H

#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

enum push_mode { PUSH_AUTO, PUSH_ALWAYS, PUSH_NEVER };

/* Borrowed strings. */
struct push_spec {
    const char *repo;
    enum push_mode mode;
    const char *remote;   /* NULL: there is none */
    const char *branch;   /* short name of the branch that landed */
    int64_t start_ahead;  /* commits that it was ahead of its upstream when the run began */
    const char *upstream; /* "origin/main", or NULL */
    const char *commit;
    int64_t limit_ms; /* 0: GIT_LIMIT_MS */
};

/* Owned; end with push_result_free. */
struct push_result {
    bool pushed;
    char *skipped_why; /* why it was not tried, or NULL */
    char *refused_why; /* what git and the remote said, or NULL */
    char *remote;      /* NULL when there is none */
    char *ref;         /* "refs/heads/main", or NULL */
    char *command;     /* for the user to try it; NULL when there is nothing to try */
};

int push_branch(const struct push_spec *spec, struct push_result *ret, struct fault *f) MUST_CHECK;
void push_result_free(struct push_result *result);

#endif
