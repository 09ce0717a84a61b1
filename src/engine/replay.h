/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run that is replayed: in place of every program that a model drives, kelp-replay plays what a
 * recording has of the same attempt. The recording lies unpacked in the run's folder
 * (record/unpack.h); here is what of it the engine needs:
 *
 *     play.json            {"base": COMMIT, "real_time": false, "ended": true}
 *     attempts/KEY/        one attempt: what kelp-replay gets
 *     attempts/KEY/play.json   {"hangs": true, ...}
 */
#ifndef KELP_ENGINE_REPLAY_H
#define KELP_ENGINE_REPLAY_H

#include "engine/engine_priv.h"

/* What an attempt is called in a recording: orchestrator below the root, wave, agent, and the how
 * manyeth of its attempts it is ("2-w1-a3-t1"; "planner-t1"). Attempts that were interrupted are
 * not counted: nobody interrupts the replay at the same place. The caller frees. */
char *replay_key(const struct tree *t, uint32_t job);

bool replay_is_on(const struct engine *e);
/* The commit that the recorded run began from; NULL: it is no replay. The caller frees. */
char *replay_base(const struct engine *e);
/* argv of kelp-replay for this attempt. FAULT_NOT_FOUND: the recording does not have it. */
int replay_argv(const struct engine *e, uint32_t job, struct arena *a, const char *const **ret,
                struct fault *f) MUST_CHECK;
/*
 * A run that had not ended when it was recorded has agents that had not begun. In the replay they
 * may come to their turn, for what stopped the run comes a little later or earlier than it did:
 * they are held back, and once there is nothing else to wait for the replay stops where the
 * recording does, as if its user had.
 */
bool replay_holds_back(struct engine *e, uint32_t job); /* instead of a start */
bool replay_is_held_back(const struct engine *e, uint32_t job);
/* The job is held back no more. */
void replay_let_go(struct engine *e, uint32_t job);
/* To be called once a turn. */
void replay_check_over(struct engine *e);
/* How long the timer really waits where it was to wait for `left_ms`: pauses of providers and
 * between attempts are not slept through, unless the replay is in real time. */
int64_t replay_wait_ms(const struct engine *e, uint32_t timer, int64_t left_ms);
/* Likewise for how long an attempt may be silent: one that is known to hang need not be awaited. */
int64_t replay_stall_ms(const struct engine *e, uint32_t job, int64_t limit_ms);

#endif
