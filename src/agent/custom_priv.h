/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the reading of driver files and by the drivers that they make. */
#ifndef KELP_AGENT_CUSTOM_PRIV_H
#define KELP_AGENT_CUSTOM_PRIV_H

#include "agent/custom.h"
#include "core/template.h"

/* What {{...}} can name in a driver file, sorted as docs/drivers.md lists it. */
extern const char *const custom_variables[];
extern const size_t custom_variable_count;

struct stream_reader;
extern const struct stream_reader custom_text_reader, custom_jsonl_reader, custom_kelp_reader;

/* Does an argument use the variable? */
bool custom_uses(const struct custom_args *args, const char *variable);

#endif
