/* SPDX-License-Identifier: Apache-2.0 */
/* An output file of an attempt on its way into a reading. */
#ifndef KELP_ENGINE_STREAM_H
#define KELP_ENGINE_STREAM_H

#include "agent/reading.h"

#include <stdint.h>

/*
 * Feeds what stands at and behind offset `at`, at most about `most` bytes, and returns the offset
 * behind it: the same as before where there is nothing (yet). What was cut out of the file's
 * middle is passed over and ends a line, so that the tail is read from its first whole one.
 */
uint64_t stream_feed(struct reading *r, const char *path, uint64_t at, uint64_t most);

#endif
