/* SPDX-License-Identifier: Apache-2.0 */
/* keeper_sweep for a caller who holds the record file. */
#ifndef KELP_PROCESS_SWEEP_H
#define KELP_PROCESS_SWEEP_H

#include "process/keeper.h"
#include "process/ledger.h"

int sweep_ledger(struct ledger *ledger, keeper_event_fn *on_event, void *ctx,
                 struct keeper_swept *ret_swept, struct fault *f) MUST_CHECK;

#endif
