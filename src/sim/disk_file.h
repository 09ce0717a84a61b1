/* SPDX-License-Identifier: Apache-2.0 */
/* What a disk (sim/disk.h) remembers of its files: what is durable, and what came after it. Only
 * sim/disk*.c include this. */
#ifndef KELP_SIM_DISK_FILE_H
#define KELP_SIM_DISK_FILE_H

#include "base/text.h"
#include "base/vector.h"
#include "sim/dice.h"

#include <stdbool.h>
#include <stdint.h>

/* A write of `bytes` at `at`, or, without bytes, the file's new length. */
struct disk_change {
    uint64_t at;
    char *bytes; /* owned */
    size_t length;
};

/* One file under one name; a name that was removed and made again has two. */
struct disk_file {
    char *path;                         /* owned */
    struct text durable;                /* its content at the last sync */
    VECTOR(struct disk_change) changes; /* since, the oldest first */
    unsigned users;                     /* who has it open */
    bool name_durable;                  /* its name would be found after a cut */
    bool removed;                       /* its name is gone, but not durably */
};

struct disk_files {
    VECTOR(struct disk_file *) list; /* the oldest first */
};

/* The file at the path, remembered from here on as it is now. `made` tells that nothing was there
 * before. Never NULL. */
struct disk_file *disk_file_open(struct disk_files *files, const char *path, bool made);
void disk_file_close(struct disk_file *file);
void disk_file_write(struct disk_file *file, uint64_t at, const void *bytes, size_t length);
void disk_file_resize(struct disk_file *file, uint64_t length);
/* A new file's first sync makes the names of its folder durable, as SQLite syncs that, too. */
void disk_file_sync(struct disk_files *files, struct disk_file *file);
void disk_file_remove(struct disk_files *files, const char *path, bool durably);

/* Makes the files what they are after power was lost, and remembers them as that. */
void disk_files_survive(struct disk_files *files, struct dice *dice);
/* What is there now is all there is to know. */
void disk_files_forget(struct disk_files *files);

#endif
