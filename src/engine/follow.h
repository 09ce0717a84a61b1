/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What running agents do, read from their output while it grows: for display, and for the tree when
 * an agent uses more tokens than were reserved for it (EVENT_OVERDRAWN). What is missed here is
 * counted when the attempt has ended. One inotify instance (libuv's) says which files grew; these
 * are read a few times a second, a bounded piece of each, and no file stays open. A run that is
 * taken up again reads the output of what still runs from its beginning.
 */
#ifndef KELP_ENGINE_FOLLOW_H
#define KELP_ENGINE_FOLLOW_H

#include "engine/engine_priv.h"

/* A job has started; what no model drives is passed over, and so are all without the hook
 * `activity` and those beyond some thousands at once. A second call does nothing. */
void follow_begin(struct engine *e, uint32_t job);
void follow_end(struct engine *e, uint32_t job);
/* Reads what has grown; true: there is more to be read. */
bool follow_read(struct engine *e);
/* For the end of the loop: closes the handle of one that is followed. */
void follow_close(uv_handle_t *handle);

#endif
