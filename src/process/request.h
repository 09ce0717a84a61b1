/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine asks of the keeper, as bytes on the socket: a length and the packed fields. */
#ifndef KELP_PROCESS_REQUEST_H
#define KELP_PROCESS_REQUEST_H

#include "base/arena.h"
#include "base/text.h"
#include "process/keeper.h"

#include <stddef.h>

#define REQUEST_KINDS(X)                        \
    X(HELLO, 1) /* the first of a connection */ \
    X(START, 2)                                 \
    X(STOP, 3)                                  \
    X(LEAVE, 4)

enum request_kind {
    REQUEST_NONE = 0,
#define REQUEST_ENUM(name, number) REQUEST_##name = number,
    REQUEST_KINDS(REQUEST_ENUM)
#undef REQUEST_ENUM
};

enum {
    REQUEST_VERSION = 3,
    REQUEST_HEAD_BYTES = 4,
    REQUEST_MAX_BYTES = 4 << 20,
    REQUEST_PATH_MAX = 4096,
    REQUEST_GRACE_MAX_MS = 24 * 3600 * 1000,
};

/* Plain data. */
struct request {
    enum request_kind kind;
    uint32_t version;        /* HELLO */
    const char *id;          /* STOP; START has it in its spec */
    int64_t grace_ms;        /* STOP */
    struct keeper_spec spec; /* START */
    struct sandbox sandbox;  /* START: where spec.sandbox points, if there is one */
};

void request_add(struct text *t, const struct request *request);

/*
 * Reads the request at the start of data[0..length). Returns its size in bytes, 0 if there is
 * only a part of it, or -FAULT_FORMAT. Its strings point into `data`, its arrays are in
 * `arena`, and `ret` must not be moved.
 */
int request_read(const char *data, size_t length, struct arena *arena,
                 struct request *ret) MUST_CHECK;

#endif
