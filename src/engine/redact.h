/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets leave what is kept: the values of a driver's secret variables, plain and as JSON writes
 * them, and what has the shape of a well-known kind of key are overwritten with stars, as many as
 * they had bytes. So the lengths and places in a file stay as they were, and doing it again
 * changes nothing.
 *
 * Not found is a secret that something stands between: the end of a file's head or tail, where its
 * middle was cut out (process/output.h), or an encoding such as base64.
 */
#ifndef KELP_ENGINE_REDACT_H
#define KELP_ENGINE_REDACT_H

#include "base/arena.h"
#include "base/fault.h"
#include "core/plan.h"

#include <stddef.h>
#include <stdint.h>

enum {
    REDACT_VALUE_MIN = 8,    /* bytes; a shorter value would make stars of ordinary words */
    REDACT_VALUE_MAX = 8192, /* longer ones are found by their beginning, and that much goes */
};

/* One thing to look for; internal to redact.c. */
struct redact_pattern;

/* Plain data in the arena. */
struct redact {
    const struct redact_pattern *at;
    size_t count;
    uint64_t starts[256]; /* [byte]: which patterns may begin with it */
};

/* `values`: of secrets; those that are too short are passed over, and so are all beyond the first
 * few dozen. */
void redact_init(struct redact *r, const struct strings *values, struct arena *a);
/* Returns how many were overwritten. */
size_t redact_bytes(const struct redact *r, char *bytes, size_t length);
/* The same in place, in bounded memory. Passed over are symbolic links, files with a second hard
 * link, which may belong to somebody else, and what is not there. */
int redact_file(const struct redact *r, const char *path, size_t *ret_found,
                struct fault *f) MUST_CHECK;

#endif
