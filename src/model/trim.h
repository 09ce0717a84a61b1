/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a conversation fit: first the oldest results of tools are shortened, then the oldest turns
 * go, each with its results, then the messages of the user between the first and the last, and at
 * last the results of the last turn are shortened too. The first message, the user's last one and
 * the last turn always stay.
 */
#ifndef KELP_MODEL_TRIM_H
#define KELP_MODEL_TRIM_H

#include "model/conversation.h"

/* Until there are at most `bytes` (conversation_bytes), or nothing more can go. True if anything
 * went. */
bool trim_to(struct conversation *c, size_t bytes);

/* Shortens in the middle to about `bytes`, saying so there; text that is short enough stays. Whole
 * characters of UTF-8 stay whole. */
void trim_middle(struct text *t, size_t bytes);

#endif
