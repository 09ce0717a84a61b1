/* SPDX-License-Identifier: Apache-2.0 */
/* How things end, and why an attempt failed. Words are what reports and scripts see. */
#ifndef KELP_CORE_STATUS_H
#define KELP_CORE_STATUS_H

#include <stdbool.h>

/* End states of agents and orchestrators alike. Only DONE counts as done. */
#define END_STATUSES(X)                                                                   \
    X(NONE, "") /* has not ended */                                                       \
    X(DONE, "done")                                                                       \
    X(UNVERIFIED, "unverified") /* claimed, but a check failed or nothing was observed */ \
    X(FAILED, "failed")                                                                   \
    X(TIMEOUT, "timeout")                                                                 \
    X(REFUSED, "refused")                                                                 \
    X(QUOTA, "quota")                                                                     \
    X(BLOCKED, "blocked")                                                                 \
    X(CANCELLED, "cancelled")                                                             \
    X(SKIPPED, "skipped") /* something it needs did not end as done */

enum end_status {
#define END_STATUS_ENUM(name, word) END_##name,
    END_STATUSES(END_STATUS_ENUM)
#undef END_STATUS_ENUM
        END_STATUS_COUNT
};

/* Why an attempt was not successful. */
#define ATTEMPT_ERRORS(X)                                                          \
    X(NONE, "")                                                                    \
    X(RATE_LIMIT, "rate_limit")                                                    \
    X(AUTH, "auth")                                                                \
    X(QUOTA, "quota")                                                              \
    X(TRANSIENT, "transient")                                                      \
    X(REFUSED, "refused")                                                          \
    X(CONTEXT_FULL, "context_full")                                                \
    X(TIMEOUT, "timeout")     /* a time limit or a stall; the engine stopped it */ \
    X(CRASH, "crash")         /* ended by a signal, or its end is not on file */   \
    X(MALFORMED, "malformed") /* the result file does not parse */                 \
    X(CANCELLED, "cancelled") /* the engine stopped it because it was told to */   \
    X(FAILED, "failed")       /* a nonzero exit or an honest `failed` */           \
    X(BLOCKED, "blocked")     /* the agent says that it can't go on */             \
    X(LIMIT, "limit")         /* it used more of the machine than it may */

enum attempt_error {
#define ATTEMPT_ERROR_ENUM(name, word) ERROR_##name,
    ATTEMPT_ERRORS(ATTEMPT_ERROR_ENUM)
#undef ATTEMPT_ERROR_ENUM
        ATTEMPT_ERROR_COUNT
};

const char *end_status_name(enum end_status status);
const char *attempt_error_name(enum attempt_error error);
/* False for a word that is none of the list; *ret is then left alone. */
bool attempt_error_parse(const char *word, enum attempt_error *ret);

#endif
