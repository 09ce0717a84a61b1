/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences that every form of the report shares. Foreign text in them is as it came: whoever
 * shows them escapes them. */
#ifndef KELP_REPORT_WORDS_H
#define KELP_REPORT_WORDS_H

#include "base/json.h"

/* Sets `summary` {headline, result}: what was done, and where it is now. */
void words_put_summary(json_t *report);
/* "partly done" for "partial"; other words as they are; "waiting" for none. */
const char *words_status(const char *status);
/* "1 commit", "3 commits". */
void words_count(struct text *t, int64_t n, const char *one, const char *many);
/* "4.7 s"; "" below 0. `out` holds at least 32 bytes. */
void words_span(int64_t ms, char out[32]);
/* A number without needless digits. */
void words_number(struct text *t, const json_t *number);
bool words_is_zero(const json_t *number);
/* "2 commits, 3 files, +10 -4"; "" without commits. */
void words_changes(struct text *t, int64_t commits, int64_t files, int64_t insertions,
                   int64_t deletions);
/* The same for a `git` of an agent or an orchestrator. */
void words_git(struct text *t, const json_t *git);
/* "0.25 USD" or "unknown". */
void words_cost(struct text *t, const json_t *object);
/* "12000 (8000 input, 3000 cached, 1000 output)" */
void words_tokens(struct text *t, const json_t *object);
/* Tokens and cost. */
void words_spent(struct text *t, const json_t *object);
/* How sessions were used again; adds nothing if none was. */
void words_sessions(struct text *t, const json_t *sessions);
/* What an instance of the pool was used for, and how full its context is. */
void words_instance(struct text *t, const json_t *instance);
/* How many attempts an agent had, and why those before the last did not do. */
void words_attempts(struct text *t, const json_t *agent);
/* What was estimated before the run; "" without a decision. */
void words_estimate(struct text *t, const json_t *report);
/* Something that was measured of a run's time; `what` is a literal. */
struct words_time {
    const char *what;
    char value[32];
};
enum { WORDS_TIMES_MAX = 7 };
/* What a report has of them, in the order to show them in; a child's has fewer. Returns how many.
 */
size_t words_times(const json_t *report, struct words_time ret[WORDS_TIMES_MAX]);
/* What barriers would cost; "" if nothing. */
void words_barrier(struct text *t, const json_t *report);
/* Exit status, signal, error and message of the last attempt of an agent; "" if all went well. */
void words_trouble(struct text *t, const json_t *agent);
/* "on_failure ran: 1 of 2 commands passed"; "" if there was none. */
void words_undone(struct text *t, size_t commands, size_t passed);
/* "passed", "failed (exit 2)". */
void words_check(struct text *t, const json_t *check);

#endif
