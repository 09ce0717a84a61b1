/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to an agent outside of any run: `kelp plan` and `kelp agents --check`. The caller
 * waits. There is no keeper, so that the agent ends with the question: it gets a time limit, a
 * private home and a scratch folder that are removed again, and is kept from writing elsewhere, and
 * from its user's keys (hidden.h), where the kernel can do that. A signal that ends the caller ends
 * the agent first, and the folder is removed (process/ending.h).
 */
#ifndef KELP_ENGINE_ASK_H
#define KELP_ENGINE_ASK_H

#include "agent/roster.h"
#include "plan/config.h"

/* Right when zeroed, but for `agent`, `settings`, `prompt` and `environ`. */
struct ask {
    const struct roster_entry *agent; /* that can be started */
    const struct roster *roster;      /* of which it is; NULL: nothing is known of others */
    const struct config_driver *own;  /* what the user says of it; NULL: nothing */
    const struct plan_settings *settings;
    const char *prompt;
    const char *schema; /* of the answer; NULL: none */
    const char *work;   /* a throw-away folder to work in; NULL: an empty one */
    const char *const *environ;
    int64_t limit_ms; /* 0: a minute */
    bool sandbox;     /* the kernel can enforce one */
};

/*
 * 0 once the program has run: what it said, and whether that is an answer, is in *ret, which the
 * caller frees (reading_free). A fault when it could not be started or took too long; *ret is then
 * empty.
 */
int ask_agent(const struct ask *q, struct reading *ret, struct fault *f) MUST_CHECK;

#endif
