/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git's index file, as far as a fresh copy of a working tree needs it: its entries are walked,
 * and what they say about the files on disk (times, size, inode) is written anew. Everything else
 * stays as git wrote it.
 *
 * Format: gitformat-index(5), version 2 with SHA-1 names; other versions are FAULT_FORMAT, and
 * the caller lets git do it.
 */
#ifndef KELP_GIT_INDEX_FILE_H
#define KELP_GIT_INDEX_FILE_H

#include "base/fault.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct index_file {
    struct text bytes;
    uint32_t count;
};

/* One entry; points into the file's bytes. Zeroed it stands before the first. */
struct index_item {
    uint32_t number;     /* 1.. */
    size_t next;         /* where the one after it starts */
    unsigned char *stat; /* the first of its 40 bytes about the file on disk */
    unsigned mode;       /* 0100644, 0100755, 0120000, 0160000 */
    const char *path;
};

int index_file_read(const char *path, struct index_file *ret, struct fault *f) MUST_CHECK;
/* The same from bytes, which are moved into it on success; `name` is for the fault. */
int index_file_parse(struct text *bytes, const char *name, struct index_file *ret,
                     struct fault *f) MUST_CHECK;
/* Goes to the entry after `item`; false at the end. */
bool index_file_next(struct index_file *file, struct index_item *item);
/* Says that the file on disk is as in `st`. */
void index_item_set(struct index_item *item, const struct stat *st);
/* Is the file on disk still the one that the entry was written for? */
bool index_item_is(const struct index_item *item, const struct stat *st);
/* Writes it with its checksum, by a rename. */
int index_file_write(struct index_file *file, const char *path, struct fault *f) MUST_CHECK;
void index_file_free(struct index_file *file);
#define AUTO_INDEX_FILE __attribute__((cleanup(index_file_free))) struct index_file

#endif
