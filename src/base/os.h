/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders, with faults that name the path. Paths are bytes, not text. */
#ifndef KELP_BASE_OS_H
#define KELP_BASE_OS_H

#include "base/fault.h"
#include "base/text.h"

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Appends the file to `t`; more than `max_bytes` is FAULT_LIMIT and appends nothing. */
int os_read_file(const char *path, size_t max_bytes, struct text *t, struct fault *f) MUST_CHECK;
/* Writes beside the target, syncs and renames, so that readers see the old file or the new. */
int os_write_file(const char *path, const char *data, size_t length, mode_t mode,
                  struct fault *f) MUST_CHECK;
/* Like `mkdir -p`. */
int os_make_dirs(const char *path, mode_t mode, struct fault *f) MUST_CHECK;
/* Like `rm -rf` but never follows a link; a missing path is success. Folders without write
 * permission are opened up first, so that what an agent left can go. */
int os_remove_tree(const char *path, struct fault *f) MUST_CHECK;
/* Looks at what lies at the path itself: 1 with its state, 0 where nothing does or nobody may look.
 * A fault where the machine could not tell, which is not the same as nothing. */
int os_look(const char *path, struct stat *ret, struct fault *f) MUST_CHECK;
/* True also where the machine could not tell twice: what opens it next says why. */
bool os_exists(const char *path);
bool os_is_dir(const char *path);
/* The next entry of a folder but "." and "..": 1 with it, 0 at the end. readdir alone tells an
 * error half-way like the end. */
int os_next_entry(DIR *entries, const char *path, const struct dirent **ret,
                  struct fault *f) MUST_CHECK;
/* Writes all of it, continuing after EINTR and short writes. Returns 0 or -errno. */
int os_write_all(int fd, const void *data, size_t length) MUST_CHECK;
/* Closes once if fd >= 0; for __attribute__((cleanup)). */
void os_close_pointer(const int *fd);
#define AUTO_CLOSE __attribute__((cleanup(os_close_pointer))) int
/* For the first line of main: a standard stream that is closed must not become the journal, which
 * is then written over with what was meant for a person. Reading from it gives nothing, writing
 * fails as it did before. */
void os_hold_standard_streams(void);
/* "a/b"; the caller frees. */
char *os_path(const char *dir, const char *name);
/* Absolute form of `path` against the current folder, symbolic links resolved where they exist. */
int os_real_path(const char *path, char **ret_path, struct fault *f) MUST_CHECK;
/* The program's own folder, for data that lies beside it; caller frees. */
int os_program_dir(char **ret_path, struct fault *f) MUST_CHECK;

#endif
