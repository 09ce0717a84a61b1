/* SPDX-License-Identifier: Apache-2.0 */
/* Between html.c (the page and its summary), html_tables.c, html_orch.c, html_timeline.c and
 * html_style.c. */
#ifndef KELP_REPORT_HTML_PRIV_H
#define KELP_REPORT_HTML_PRIV_H

#include "base/json.h"

extern const char html_style[];

/* <tag>foreign text</tag>. */
void html_element(struct text *t, const char *tag, const char *content);
/* <td class="number">...</td> */
void html_number_cell(struct text *t, const char *content);
/* A status as a coloured word; "" is "waiting". */
void html_status(struct text *t, const char *status);
/* A class name for a status: "good", "bad", "warn", "idle". */
const char *html_class(const char *status);

/* When the agents ran, as an inline SVG; nothing for a run in which none did. */
void html_timeline(struct text *t, const json_t *report);
/* The tree of orchestrators with their waves, agents and checks. */
void html_orchestrators(struct text *t, const json_t *report);
/* What agents found; nothing if they found nothing. */
void html_findings(struct text *t, const json_t *report);
/* Metrics, decision, times, drivers, git. */
void html_tables(struct text *t, const json_t *report);

#endif
