/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record file `keeper.log` of a run's folder: append-only. Whoever writes holds its lock, so
 * that at most one keeper (or one sweep) of a run lives.
 */
#ifndef KELP_PROCESS_LEDGER_H
#define KELP_PROCESS_LEDGER_H

#include "base/fault.h"
#include "base/text.h"
#include "process/record.h"

#include <stdint.h>

#define LEDGER_NAME "keeper.log"

struct ledger {
    int fd;              /* holds the lock; -1: closed */
    uint64_t bytes;      /* on file; a torn end was cut off */
    uint64_t room_bytes; /* space that is taken on the disk ahead of need */
    struct text pending; /* added and not on file yet */
};

typedef void ledger_record_fn(void *ctx, const struct record *record);

/* Opens the file for writing and makes it if need be. FAULT_BUSY: somebody else writes. */
int ledger_open(const char *run_dir, struct ledger *ret_ledger, struct fault *f) MUST_CHECK;
void ledger_close(struct ledger *ledger);

/* Reads all records on file. A torn end is cut off: a part of a record, or zeros, which a machine
 * that lost its power leaves. FAULT_CORRUPT: damage that is not at the end. */
int ledger_load(struct ledger *ledger, ledger_record_fn *on_record, void *ctx,
                struct fault *f) MUST_CHECK;

/* Makes sure that `bytes` more can be written although the disk may fill up. 0 or -errno. */
int ledger_reserve(struct ledger *ledger, size_t bytes) MUST_CHECK;
void ledger_add(struct ledger *ledger, const struct record *record);
/* Writes what is pending. On a fault the rest stays pending. */
int ledger_flush(struct ledger *ledger, struct fault *f) MUST_CHECK;

/* Reads without the lock, next to a writer; a torn end is passed over. FAULT_NOT_FOUND: there is no
 * file. */
int ledger_read(const char *run_dir, ledger_record_fn *on_record, void *ctx,
                struct fault *f) MUST_CHECK;

#endif
