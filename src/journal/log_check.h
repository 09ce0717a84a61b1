/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a write-ahead log was damaged after it was written. SQLite takes it up to the first frame
 * that is not right, as that is where a crash would have cut it; but a crash leaves no whole turn
 * behind that place, since each is synced before the next begins. Only src/journal includes this.
 * The format: https://www.sqlite.org/fileformat2.html, section 4.
 */
#ifndef KELP_JOURNAL_LOG_CHECK_H
#define KELP_JOURNAL_LOG_CHECK_H

#include "base/fault.h"

/* Of the journal at `path`, which nobody may be writing. FAULT_CORRUPT says where its log is
 * damaged; damage within the last turn can't be told from a crash. No log is right. */
int log_check(const char *path, struct fault *f) MUST_CHECK;

#endif
