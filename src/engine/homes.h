/* SPDX-License-Identifier: Apache-2.0 */
/* The private homes of agents (path_home): what their programs keep there, above all sessions. */
#ifndef KELP_ENGINE_HOMES_H
#define KELP_ENGINE_HOMES_H

#include "engine/engine_priv.h"
#include "engine/redact.h"

/*
 * Overwrites secrets in the files of a home, as in the output of an attempt; links lead out of it
 * and are not followed. Left alone are write-ahead logs of SQLite, which a change would make
 * worthless, and all beyond the first few thousand files. Returns how many were overwritten.
 */
size_t homes_redact(const char *home, const struct redact *r);

/* When the run has ended: homes of orchestrators whose clone goes, go too (tree_keeps_clone). */
void homes_sweep(struct engine *e);

#endif
