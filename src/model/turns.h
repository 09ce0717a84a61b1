/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent itself: the model is asked, what it wants is done, and it is asked again, until it says
 * its last word. Everything that happens is told through emit.h, an error too; its end is always
 * the last.
 */
#ifndef KELP_MODEL_TURNS_H
#define KELP_MODEL_TURNS_H

#include "model/emit.h"
#include "model/endpoint.h"
#include "model/tools.h"

/* Plain data, all borrowed; NULL and 0 where nothing else is said mean none. */
struct turns_options {
    const char *model;
    const char *instructions; /* of the program */
    const char *prompt;
    const char *session_dir; /* NULL: the conversation is not kept */
    const char *resume;      /* ID to go on with; NULL: a new one */
    json_t *schema;          /* of the answer */
    int64_t window;          /* tokens; 0: not known */
    int64_t answer_tokens;   /* 0: the endpoint's bound */
    int64_t max_turns;
    int64_t max_tokens; /* 0: no bound */
};

/* True if the model came to its end, whatever its answer says. */
bool turns_run(struct endpoint *endpoint, const struct toolbox *box,
               const struct turns_options *options, struct emit *emit);

#endif
