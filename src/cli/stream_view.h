/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output of an agent that a model drives, for people: what it says, a line for each tool that
 * it uses ("> Edit src/main.c"), and why it waits or fails ("! rate limited"). Secrets are
 * overwritten, and what terminals would obey is escaped.
 */
#ifndef KELP_CLI_STREAM_VIEW_H
#define KELP_CLI_STREAM_VIEW_H

#include "agent/driver.h"
#include "engine/redact.h"

struct stream_view;

/* `redact` is borrowed. */
struct stream_view *stream_view_new(const struct driver *driver, const struct redact *redact)
    __attribute__((returns_nonnull));
/* NULL is fine. */
void stream_view_free(struct stream_view *v);
/* The bytes may be cut anywhere; appends what became readable. */
void stream_view_feed(struct stream_view *v, const char *bytes, size_t length, struct text *out);

#endif
