/* SPDX-License-Identifier: Apache-2.0 */
/* What can be proved of a damaged journal. Only src/journal includes this. */
#ifndef KELP_JOURNAL_SALVAGE_H
#define KELP_JOURNAL_SALVAGE_H

#include "journal/store.h"

/* Plain data. */
struct salvage {
    int64_t saved; /* events of the longest prefix whose checksums hold */
    int64_t last;  /* the highest number seen in any row; -1 where none could be read */
};

/*
 * Copies the events that can be proved into `to`, which has none. The file at `damaged` is only
 * read; what SQLite needs is done to copies beside it: with its log and without, and with the first
 * page, or all pages but those in the log, from a new journal.
 */
int salvage_events(const char *damaged, struct store *to, struct salvage *ret,
                   struct fault *f) MUST_CHECK;

#endif
