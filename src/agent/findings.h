/* SPDX-License-Identifier: Apache-2.0 */
/* What wave 0 found, as short as a prompt can bear it. */
#ifndef KELP_AGENT_FINDINGS_H
#define KELP_AGENT_FINDINGS_H

#include "base/json.h"
#include "base/text.h"

enum { FINDINGS_PROMPT_BYTES = 4000 }; /* a good bound for a prompt: about a thousand tokens */

/*
 * Appends a line for each of `findings` (the array of context/findings.json), the most severe ones
 * first, as long as they fit into `max_bytes`; then, if some did not, a line that says how many.
 * Text of findings comes from foreign files: it is made one line each and cut.
 */
void findings_digest(const json_t *findings, size_t max_bytes, struct text *out);

#endif
