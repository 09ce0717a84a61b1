/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that git takes into no tree, whatever its settings: below a folder that is called ".git" in
 * other letters (".GIT"), and links called ".gitmodules". Where the file system tells such names
 * apart they are ordinary files of the user's, so a backup keeps them in its record.
 */
#ifndef KELP_GIT_ODD_H
#define KELP_GIT_ODD_H

#include "base/fault.h"
#include "git/changes.h"
#include "git/git.h"

#include <stdbool.h>
#include <sys/stat.h>

bool odd_name(const char *path, mode_t mode);

/* An object of the record with the path that it is of. */
struct record_object {
    char *oid;
    char *path;
};
/* Owned; end with record_objects_free. */
struct record_objects {
    struct record_object *at; /* sorted by path */
    size_t count, capacity;
};
/* Of "<oid> <path>" entries, NUL-ended; FAULT_CORRUPT when one is not. */
int record_objects_parse(const struct text *list, struct record_objects *ret,
                         struct fault *f) MUST_CHECK;
void record_objects_free(struct record_objects *objects);

/* Appends how the odd files of a record differ from those of an earlier one. */
void odd_changes(const struct record_objects *from, const struct record_objects *to,
                 struct changes *ret);
/* Writes one that has to be there, with the kind that `mode` says, below `top`. */
int odd_write(const struct git *g, const char *top, const struct change *change, mode_t mode,
              struct fault *f) MUST_CHECK;

#endif
