/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of the record file, which the keeper also sends to the engine as they are: a length,
 * a check sum (CRC-32) and the packed fields.
 */
#ifndef KELP_PROCESS_RECORD_H
#define KELP_PROCESS_RECORD_H

#include "base/text.h"
#include "process/keeper.h"
#include "process/proc.h"

#include <stddef.h>

/* Numbers are on disk: none is ever given a new meaning. */
#define RECORD_KINDS(X)                                                  \
    X(SESSION, 1) /* a keeper begins its work */                         \
    X(BEGIN, 2)   /* an attempt is about to be started */                \
    X(STARTED, 3)                                                        \
    X(FAILED, 4)                                                         \
    X(ENDED, 5)                                                          \
    X(BUSY, 6)     /* on the socket only: another engine is connected */ \
    X(CONFINED, 7) /* on the socket only: who has connected is in a sandbox */

enum record_kind {
    RECORD_NONE = 0,
#define RECORD_ENUM(name, number) RECORD_##name = number,
    RECORD_KINDS(RECORD_ENUM)
#undef RECORD_ENUM
};

enum {
    RECORD_VERSION = 2,
    RECORD_HEAD_BYTES = 8,
    RECORD_MAX_BYTES = 8 * 1024, /* without the head */
    RECORD_MARK_BYTES = 33,
};

/* Plain data. Strings that were read point into the bytes that were read. */
struct record {
    enum record_kind kind;
    /* BEGIN: id, at_ms. STARTED, FAILED, ENDED: what their event has; error_step is a literal.
     * SESSION: at_ms and the keeper's own pid and start_ticks. */
    struct keeper_event event;
    unsigned step;       /* FAILED: enum spawn_step */
    uint32_t version;    /* SESSION: of the format */
    const char *boot_id; /* SESSION */
    const char *mark;    /* SESSION: the run's KELP_KEEPER_MARK */
    const char *groups;  /* SESSION: folder of the attempts' control groups, "" if there are none */
};

void record_add(struct text *t, const struct record *record);

/* What all records of one attempt take at most. */
size_t record_owed_bytes(const char *id);

/* Fills in length and sum of what begins at `start`: RECORD_HEAD_BYTES of any content, then the
 * fields. record_add does it itself; a test can make a record of any bytes. */
void record_seal(struct text *t, size_t start);

/*
 * Reads the record at the start of data[0..length). Returns its size in bytes, 0 if there is
 * only a part of it, -FAULT_CORRUPT if that cannot be one (no message: the caller knows the
 * place), -FAULT_NEWER for a kind or a version that this program does not know.
 */
int record_read(const char *data, size_t length, struct record *ret) MUST_CHECK;

/* True for the kinds that an engine is told of. */
bool record_is_event(enum record_kind kind);

#endif
