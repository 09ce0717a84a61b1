/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers that are compiled in and the readers of their streams, for the table of driver.c. */
#ifndef KELP_AGENT_READERS_H
#define KELP_AGENT_READERS_H

#include "agent/driver.h"

extern const struct driver driver_claude;
extern const struct driver driver_codex;
extern const struct driver driver_gemini;
extern const struct driver driver_opencode;

extern const struct reader claude_reader;
extern const struct reader codex_reader;
extern const struct reader gemini_reader;
extern const struct reader opencode_reader;

#endif
