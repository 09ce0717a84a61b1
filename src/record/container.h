/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a recording: a list of named pieces of bytes, and nothing else. It is a format of its
 * own and not a tar or a zip, because those can hold what a recording never has and a reader of
 * foreign files would have to refuse: links, devices, owners, holes, absolute names, the same name
 * twice. And a file that was cut off, even between two pieces, is seen to be cut off.
 *
 *     kelp-recording 1\n
 *     NAME BYTES CRC\n        CRC-32C of the bytes, 8 hexadecimal digits
 *     ...the bytes...\n
 *     ...
 *     end COUNT\n             and there the file ends
 *
 * A name is at most CONTAINER_NAME_MAX bytes of letters, digits and "._-", in parts divided by "/",
 * none of which begins with a dot. So it is a path below wherever it is unpacked.
 */
#ifndef KELP_RECORD_CONTAINER_H
#define KELP_RECORD_CONTAINER_H

#include "base/fault.h"
#include "base/text.h"

#include <stdbool.h>

enum {
    CONTAINER_VERSION = 1,
    CONTAINER_NAME_MAX = 200,
    CONTAINER_DEPTH_MAX = 4,
    CONTAINER_COUNT_MAX = 1000000,
    CONTAINER_BYTES_MAX = 1024 * 1024 * 1024, /* of the whole file */
};

/* Writing: container_begin -> container_add* -> container_end -> container_free. */
struct container;

/* Makes "PATH.new"; what is at `path` stays until the end. */
int container_begin(const char *path, struct container **ret, struct fault *f) MUST_CHECK;
/* FAULT_LIMIT when the file would grow over its bound. A wrong name is a bug of the caller's. */
int container_add(struct container *c, const char *name, const char *data, size_t length,
                  struct fault *f) MUST_CHECK;
/* Puts the whole file at its path, synced. */
int container_end(struct container *c, struct fault *f) MUST_CHECK;
/* Removes what was not ended. NULL is nothing. */
void container_free(struct container *c);

/* Borrowed from the text that is read. */
struct container_piece {
    const char *name; /* ends with NUL */
    const char *data;
    size_t length;
};

/*
 * Calls `each` for the pieces in their order; a value below 0 ends the reading, with `f` filled.
 * `name` is shown as the file of a fault. The whole text is checked before the first call, so that
 * nothing is done with a part of a broken file. FAULT_CORRUPT: it is no recording, is cut off or
 * damaged, or has a name that it may not have; FAULT_NEWER: of a later version.
 */
typedef int container_each(void *context, const struct container_piece *piece, struct fault *f);
int container_read(const struct text *file, const char *name, container_each *each, void *context,
                   struct fault *f) MUST_CHECK;
bool container_name_is_good(const char *name);

#endif
