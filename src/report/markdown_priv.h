/* SPDX-License-Identifier: Apache-2.0 */
/* Between markdown.c (the summary and the tables) and markdown_details.c. */
#ifndef KELP_REPORT_MARKDOWN_PRIV_H
#define KELP_REPORT_MARKDOWN_PRIV_H

#include "base/json.h"

/* Each orchestrator with its waves, agents, checks and changes. */
void markdown_details(struct text *t, const json_t *report);

#endif
