/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs an agent program that speaks ACP, gives it one prompt, and prints what it does in the kelp
 * protocol on standard output. The bridge is part of the attempt: it answers the agent's questions
 * whether an engine lives or not.
 *
 * One loop over the agent's two pipes, its end and the signals TERM and INT, with a deadline for
 * every answer but that to the prompt, which is bounded by the attempt's own limits. The agent
 * leads a session of its own; at the end its standard input is closed, after 2 s it gets TERM, and
 * after another 2 s its group is killed.
 */
#ifndef KELP_ACP_BRIDGE_H
#define KELP_ACP_BRIDGE_H

#include "acp/dialogue.h"

#include <stdint.h>

struct bridge_options {
    struct dialogue_options dialogue;
    const char *const *argv; /* the agent's; NULL-terminated */
    int64_t answer_ms;       /* for each answer before the prompt; 0: 60 s */
    int64_t grace_ms;        /* for each step of its end; 0: 2 s */
};

/* 0 when the agent ended its turn well, 1 when it failed, which was said on standard output, the
 * agent's own exit status when it ended without an answer, or minus a code: it could not be
 * started. */
int bridge_run(const struct bridge_options *options, struct fault *f) MUST_CHECK;

#endif
