/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers of other people's programs, for the table of driver.c. */
#ifndef KELP_AGENT_BUILTIN_H
#define KELP_AGENT_BUILTIN_H

#include "agent/driver.h"

extern const struct driver driver_claude;
extern const struct driver driver_codex;
extern const struct driver driver_gemini;
extern const struct driver driver_opencode;

#endif
