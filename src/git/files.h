/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small files inside clones. Unlike os_write_file nothing is synced: a clone that a crash of the
 * machine cut short is made again, and a hundred clones would wait for a thousand syncs.
 */
#ifndef KELP_GIT_FILES_H
#define KELP_GIT_FILES_H

#include "base/fault.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Replaces what is at `path`, a symbolic link included, by a regular file of mode 0644. */
int file_put(const char *path, const char *data, size_t length, struct fault *f) MUST_CHECK;
/* The same below a folder that is there. */
int file_put_in(const char *dir, const char *name, const struct text *content,
                struct fault *f) MUST_CHECK;
/* Reads the file `dir/name` if it is a regular one; a missing file is an empty text. */
int file_get_in(const char *dir, const char *name, struct text *content,
                struct fault *f) MUST_CHECK;
/* Copies a regular file with a rename at the end; `to` may exist. Keeps the permissions. */
int file_copy(const char *from, const char *to, struct fault *f) MUST_CHECK;
/* A real folder is at `path` (no slash at its end) afterwards: whatever else was there is
 * removed. */
int dir_ensure(const char *path, struct fault *f) MUST_CHECK;
/* Makes the folders that `path` lies in. */
int dir_make_above(const char *path, struct fault *f) MUST_CHECK;
/* Waits until nobody else holds the lock file at `path` (made if missing, never removed by this);
 * closing the descriptor, or dying, gives it up. The wait ends at the latest with the program's
 * own time limit. */
int file_lock(const char *path, int *ret_fd, struct fault *f) MUST_CHECK;
/* A fresh private folder in the temporary folder; the caller frees, and removes it. */
int dir_make_temporary(char **ret, struct fault *f) MUST_CHECK;
/* Removes the folder that dir_make_temporary gave and frees its name; for cleanup. */
void dir_remove_pointer(char **path);
#define AUTO_TEMPORARY __attribute__((cleanup(dir_remove_pointer))) char

#endif
