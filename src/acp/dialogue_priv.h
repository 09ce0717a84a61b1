/* SPDX-License-Identifier: Apache-2.0 */
/* What the conversation needs of the updates, and they of it. */
#ifndef KELP_ACP_DIALOGUE_PRIV_H
#define KELP_ACP_DIALOGUE_PRIV_H

#include "acp/dialogue.h"

/* Adds a line for kelp; takes the reference. */
void dialogue_tell(struct dialogue *d, json_t *event);
/* The last two events: why, and the end. */
void dialogue_fails(struct dialogue *d, enum attempt_error error, const char *message);

/* updates.c: one session/update while the prompt is worked on. */
void dialogue_update(struct dialogue *d, const json_t *update);
/* A permission was asked for: the tool call is told of, and ended where it was refused. */
void dialogue_asked(struct dialogue *d, const json_t *call, bool refused);
/* The prompt was answered: what it used in all is told, by what the agent's numbers mean. */
void dialogue_count_all(struct dialogue *d, const json_t *result);

#endif
