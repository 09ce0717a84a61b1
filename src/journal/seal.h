/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seal of a journal that is at rest: `journal.db-seal` holds the number of its events and a
 * checksum of each of its pages. A sealed file is complete in itself, so a write-ahead log beside
 * it is either already in it or not its own, and any change of a byte of it is seen. Without a
 * seal somebody writes the journal, or died while writing it: then the log is part of it.
 *
 *     a writer opens: what a dead writer left is brought into the file, and that is sealed
 *     after its first commit, before that counts: the seal goes
 *     a writer closes: the log is brought into the file, which is sealed; then the log goes
 *
 * Only src/journal includes this. `path` is that of the journal, not of the seal.
 */
#ifndef KELP_JOURNAL_SEAL_H
#define KELP_JOURNAL_SEAL_H

#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether the journal is sealed, and its file what was sealed: 1, or 0 without a seal.
 * FAULT_CORRUPT says which page is not, or that the seal itself is damaged. */
int seal_check(const char *path, struct fault *f) MUST_CHECK;
/* Events that were sealed; -1 where no seal can be read. */
int64_t seal_events(const char *path);
/* Seals the file as it is; durable when it returns. Nobody may write it meanwhile. */
int seal_write(const char *path, int64_t events, struct fault *f) MUST_CHECK;
/* Durable when it returns. No seal is success. */
int seal_remove(const char *path, struct fault *f) MUST_CHECK;
/* "PATH-seal"; the caller frees. */
char *seal_path(const char *path);

#endif
