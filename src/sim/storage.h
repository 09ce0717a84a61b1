/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real journal of a play, on a disk that fails. The order of calls, again and again:
 *
 *     storage_open    what an engine does that starts; tells what it read
 *     storage_append*, storage_commit
 *     storage_end     its engine ended or died; the disk is as the next one finds it
 *
 * Where the disk strikes is planned between two of them with disk_plan (sim/disk.h). One at a time
 * in a process, as disks are.
 */
#ifndef KELP_SIM_STORAGE_H
#define KELP_SIM_STORAGE_H

#include "base/fault.h"
#include "base/vector.h"
#include "core/event.h"
#include "sim/disk.h"

struct storage;

/* The checksums of events, by their place (sim/tape.h). A zeroed one is empty. */
struct event_sums {
    VECTOR(uint32_t) list;
};

/* In a folder of its own below $TMPDIR or /tmp, which storage_free removes. */
int storage_new(uint64_t seed, struct storage **ret, struct fault *f) MUST_CHECK;
void storage_free(struct storage *s);
struct disk *storage_disk(struct storage *s);

/* Makes the journal if there is none; else reads it whole. `ret` holds what was read so far where
 * it fails. */
int storage_open(struct storage *s, struct event_sums *ret, struct fault *f) MUST_CHECK;
int storage_append(struct storage *s, const struct event *e, struct fault *f) MUST_CHECK;
int storage_commit(struct storage *s, struct fault *f) MUST_CHECK;
/* DISK_SOUND closes the journal; DISK_KILL and DISK_POWER cut the disk before. Returns what struck
 * the disk since it was opened, the cut included. */
enum disk_strike storage_end(struct storage *s, enum disk_strike how);

#endif
