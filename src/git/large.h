/* SPDX-License-Identifier: Apache-2.0 */
/* Very large untracked files, which a backup would have to copy: who asks for one is asked first.
 */
#ifndef KELP_GIT_LARGE_H
#define KELP_GIT_LARGE_H

#include "base/fault.h"

#include <stddef.h>
#include <stdint.h>

/* A larger one is asked about. */
#define LARGE_FILE_BYTES ((int64_t)100 * 1024 * 1024)

/* Plain data; end with large_files_free. */
struct large_files {
    size_t count;
    int64_t bytes; /* of all of them */
    char *largest; /* path from the top of the working tree; NULL without any */
};

/* Looks at the untracked files of the working tree `top` that are not ignored; those of nested
 * repositories belong to these. A file that goes meanwhile is passed over. */
int large_files_find(const char *top, int64_t above_bytes, struct large_files *ret,
                     struct fault *f) MUST_CHECK;
void large_files_free(struct large_files *files);

#endif
