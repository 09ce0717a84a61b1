/* SPDX-License-Identifier: Apache-2.0 */
/* The room that a journal does not need any more. */
#ifndef KELP_JOURNAL_COMPACT_H
#define KELP_JOURNAL_COMPACT_H

#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Journals only grow, and need none of this, but for those that a newer kelp brought up to date:
 * one of which a quarter, and at least 64 pages, is free is written anew. Readers see it before or
 * after; a crash leaves either. The caller holds the run's lock. `*ret_bytes` is what it got
 * smaller by. With `dry` nothing is done but to say what would be gained.
 */
int journal_compact(const char *run_dir, bool dry, int64_t *ret_bytes, struct fault *f) MUST_CHECK;

#endif
