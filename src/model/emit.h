/* SPDX-License-Identifier: Apache-2.0 */
/* What the program prints: the kelp protocol, one JSON object a line (docs/agent-protocol.md). */
#ifndef KELP_MODEL_EMIT_H
#define KELP_MODEL_EMIT_H

#include "core/event.h"
#include "core/status.h"

#include <jansson.h>
#include <stdio.h>

/* Plain data; right when zeroed but for `out`. */
struct emit {
    FILE *out;
    bool speaking; /* what is said next belongs to the message that has begun */
    bool broken;   /* nobody reads any more */
};

/* Values that are NULL, and a window of 0, are left out. */
void emit_start(struct emit *e, const char *session, const char *model, int64_t window);
/* A piece of what the model says; the first after emit_message begins a new message. */
void emit_message(struct emit *e);
void emit_text(struct emit *e, const char *text);
void emit_thinking(struct emit *e);
void emit_tool(struct emit *e, const char *id, const char *name, const char *detail);
void emit_tool_result(struct emit *e, const char *id, bool ok, bool denied);
void emit_usage(struct emit *e, const struct token_counts *used, int64_t context);
void emit_error(struct emit *e, enum attempt_error error, const char *message,
                int64_t retry_after_ms);
/* `answer` is borrowed. */
void emit_end(struct emit *e, bool ok, const char *text, json_t *answer);

#endif
