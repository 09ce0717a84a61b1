/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows an attempt that was not successful.
 *
 *   rate_limit            the provider pauses for everyone; costs no attempt
 *   auth, quota           the provider stops; what needs it is frozen, resumable
 *   transient, timeout,   another attempt, up to `retries` (1 where nothing is written, 0 under
 *   crash, malformed,     `isolation: none`)
 *   limit
 *   failed, context_full  another attempt only where `retries` is written
 *   refused, blocked,     final
 *   cancelled
 *
 * All retries of a run come from one budget, so that they never multiply by depth.
 * A transient error waits min(10 s * 2^(n-1), 300 s), of which jitter takes up to a half away;
 * so does a rate limit whose server did not say how long. The rest starts again at once.
 */
#ifndef KELP_CORE_RETRY_H
#define KELP_CORE_RETRY_H

#include "core/plan.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RETRY_BASE_MS = 10 * 1000, RETRY_CAP_MS = 300 * 1000 };

enum retry_action { RETRY_NO, RETRY_AFTER, RETRY_PAUSE_PROVIDER, RETRY_STOP_PROVIDER };

struct retry_input {
    enum attempt_error error; /* not ERROR_NONE */
    unsigned attempt;         /* 1..: which of those that count this one was */
    unsigned pauses;          /* rate limits of the provider in a row before this one */
    int retries;              /* as in the plan; RETRIES_DEFAULT */
    enum plan_isolation isolation;
    size_t budget_left;     /* retries that the run has left */
    int64_t retry_after_ms; /* what the server said; 0: nothing */
    double jitter;          /* 0..1, from retry_jitter */
};

struct retry_answer {
    enum retry_action action;
    int64_t delay_ms; /* AFTER and PAUSE_PROVIDER */
    bool uses_budget; /* take one from the run's budget (AFTER only) */
    const char *why;  /* static text */
};

void retry_decide(const struct retry_input *input, struct retry_answer *ret);
/* Extra attempts an agent may have. */
unsigned retry_allowed(int retries, enum plan_isolation isolation);
/* n from 1; jitter 0..1. */
int64_t retry_backoff_ms(unsigned n, double jitter);
/* The same number in [0, 1) for the same identity (hash of run, orchestrator, agent, n). */
double retry_jitter(uint64_t identity);
/* The run's budget: a share (0..1) of its agents, and at least so many. */
size_t retry_budget(size_t agents, double share, size_t at_least);

#endif
