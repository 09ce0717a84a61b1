/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kelp protocol: what kelp-agent and kelp-acp print, and what any program may print to be
 * understood without a reader of its own. One JSON object a line; docs/agent-protocol.md is its
 * definition.
 */
#ifndef KELP_AGENT_KELP_STREAM_H
#define KELP_AGENT_KELP_STREAM_H

#include "agent/reading.h"

extern const struct stream_reader kelp_reader;

#endif
