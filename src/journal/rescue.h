/* SPDX-License-Identifier: Apache-2.0 */
/* Seeing whether a journal is damaged, and making it usable again: what can be proved of it goes
 * into a new file. */
#ifndef KELP_JOURNAL_RESCUE_H
#define KELP_JOURNAL_RESCUE_H

#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

/* Plain data; end with rescue_free. */
struct rescue {
    int64_t saved; /* events in the new journal: all before the first that is damaged or missing */
    int64_t lost;  /* events after those; -1 when nothing is left to count them by */
    char *damaged; /* where the old file was put, beside the new; NULL: it was not damaged */
};

/*
 * Looks at all of a journal: its seal, its log, its pages, its events. FAULT_CORRUPT says what is
 * damaged and where. Changes nothing. While an engine writes it, its log is left out.
 */
int journal_check(const char *run_dir, int64_t *ret_events, struct fault *f) MUST_CHECK;

/*
 * Replaces the journal of the run by one with the longest prefix of events whose checksums hold.
 * The damaged file is kept as `journal.damaged-N.db`. A journal that is whole is left alone. May
 * be called again after a crash of its own. FAULT_BUSY while an engine has the run.
 */
int journal_rescue(const char *run_dir, struct rescue *ret, struct fault *f) MUST_CHECK;
void rescue_free(struct rescue *rescue);
/* Whether an earlier rescue put the journal away and did not come to its end. */
bool rescue_is_unfinished(const char *run_dir);

#endif
