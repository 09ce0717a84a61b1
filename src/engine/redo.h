/* SPDX-License-Identifier: Apache-2.0 */
/* What is carried out again because the machine, and not the work, failed. */
#ifndef KELP_ENGINE_REDO_H
#define KELP_ENGINE_REDO_H

#include "engine/engine_priv.h"

/* True: the job is under way again, or the engine gave up, and what ended is not its end. */
bool redo_job(struct engine *e, uint32_t job, const struct keeper_event *ev);
/* Why it is to be carried out again; the caller frees. NULL: what happened is the job's own doing.
 */
char *redo_why(struct engine *e, uint32_t job, const struct keeper_event *ev);
/* True where the machine is to blame for the fault: then the engine gives up, before anything is
 * journalled that would end the job, and the next one does the same again. */
bool redo_stops(struct engine *e, uint32_t job, const struct fault *f);

#endif
