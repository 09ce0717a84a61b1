/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that fails: while one exists, SQLite reaches the files of this process through it. The
 * files are real, so that everything around SQLite is, too; the disk remembers what of them is
 * durable, and after a cut makes them what a machine would find on its disk.
 *
 *     disk_new, disk_plan
 *     open journals and write them, until a call fails and disk_struck says why
 *     close them: a cut disk changes nothing any more
 *     disk_restore, open again, compare
 *     disk_free
 *
 * The model is POSIX's: a write, a truncation, a new name or a removal is certain only once its
 * file, or for names its folder, was synced. Until then each of them survives or not, in any
 * order, and a write may survive in part, by sectors of 512 bytes. What was synced stays. What
 * others do to the files (a rename) counts as durable at once. The index of a write-ahead log in
 * shared memory does not survive a loss of power.
 */
#ifndef KELP_SIM_DISK_H
#define KELP_SIM_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct disk;

enum disk_strike {
    DISK_SOUND,  /* nothing happens */
    DISK_POWER,  /* the machine stops: what is not durable is at the mercy of the dice */
    DISK_KILL,   /* the program stops: what it wrote is there, what it was about to write is not */
    DISK_FULL,   /* no space is left, from here on */
    DISK_BROKEN, /* one operation fails, those after it don't */
    DISK_STRIKE_COUNT
};

/* One at a time in a process, and no SQLite file may be open. The seed decides what survives. */
struct disk *disk_new(uint64_t seed);
/* No SQLite file may be open. NULL is nothing. */
void disk_free(struct disk *d);

/* What happens to the operation with this number, the first of this disk being 1. Operations are
 * what changes something: writes, truncations, syncs and removals. */
void disk_plan(struct disk *d, uint64_t operation, enum disk_strike strike);
uint64_t disk_operations(const struct disk *d);
/* The strike that happened; DISK_SOUND before it. */
enum disk_strike disk_struck(const struct disk *d);
/* DISK_POWER or DISK_KILL now, between two operations. */
void disk_cut(struct disk *d, enum disk_strike strike);

/* The files become what survived the cut, and the disk works again, without a plan. Everything
 * must be closed. Without a cut it only ends the plan: there is room again. */
void disk_restore(struct disk *d);

#endif
