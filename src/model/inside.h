/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files below one folder, for paths that a model names. None of them leads out of the folder, by
 * "..", by an absolute path or through a symbolic link, and none into git's own folder, whatever it
 * is called by: a hook that is written there runs later, elsewhere, as somebody else. The kernel
 * resolves the paths (openat2); where it can't, they are walked step by step and symbolic links are
 * refused altogether.
 */
#ifndef KELP_MODEL_INSIDE_H
#define KELP_MODEL_INSIDE_H

#include "base/fault.h"
#include "base/text.h"

#include <stdbool.h>

/* Plain data. */
struct inside {
    char *root; /* owned; absolute, without symbolic links */
    int fd;     /* of it */
    bool walk;  /* the kernel can't: walk. Set by inside_open; tests set it themselves */
};

/* Where an absolute path lies below the folder: what follows the folder, without a slash in front
 * ("" for itself). NULL where it does not. Part of `path`. */
const char *inside_below(const struct inside *in, const char *path);

int inside_init(struct inside *in, const char *root, struct fault *f) MUST_CHECK;
void inside_fini(struct inside *in);

/*
 * Paths are relative to the folder or absolute and below it. FAULT_REFUSED: it leads out, or into
 * git's folder; FAULT_NOT_FOUND: there is nothing; else FAULT_SYSTEM.
 */

/* Opens what is there; `flags` as for open(). *ret_fd is the caller's. */
int inside_open(struct inside *in, const char *path, int flags, int *ret_fd,
                struct fault *f) MUST_CHECK;
/* The path of what was opened, relative to the folder ("." for itself); the caller frees. */
int inside_path_of(const struct inside *in, int fd, char **ret_path, struct fault *f) MUST_CHECK;
/* A regular file of at most `max_bytes` is appended to `t`. */
int inside_read(struct inside *in, const char *path, size_t max_bytes, struct text *t,
                struct fault *f) MUST_CHECK;
/* Replaces a regular file or makes one, and the folders above it. Readers see the old file or the
 * new; the mode stays. A symbolic link is refused: what it leads to has a path of its own. */
int inside_write(struct inside *in, const char *path, const struct text *content,
                 struct fault *f) MUST_CHECK;

#endif
