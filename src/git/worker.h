/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program kelp-worker: one git effect of a run, JSON in, JSON out. Each operation may be
 * repeated; a repeat finds what is done. Paths are absolute and object names are full; paths in
 * answers that are not UTF-8 have U+FFFD for broken bytes.
 */
#ifndef KELP_GIT_WORKER_H
#define KELP_GIT_WORKER_H

#include "base/fault.h"
#include "base/json.h"

/* Exit status of the program when it was called wrongly, or could not write its answer. */
enum { WORKER_NO_ANSWER = 2 };

/* Carries out `op`; the answer is a new reference. FAULT_USAGE for an unknown operation or a
 * missing or mistyped key. */
int worker_run(const char *op, const json_t *spec, json_t **ret, struct fault *f) MUST_CHECK;
/* {"fault": {"code", "errno", "message", "hint"}}; a new reference. */
json_t *worker_fault(const struct fault *f);

#endif
