/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign text inside GitHub-flavoured Markdown: it is shown as it is and starts nothing. */
#ifndef KELP_REPORT_MARKDOWN_TEXT_H
#define KELP_REPORT_MARKDOWN_TEXT_H

#include "base/text.h"

/* One line of plain words, also inside a table; line breaks become blanks, and more than `most`
 * bytes are cut (0: all). */
void markdown_add_line(struct text *t, const char *s, size_t most);
/* All of it: for IDs, statuses and the like. */
void markdown_add_word(struct text *t, const char *s);
/* `code`, also inside a table. Nothing for "". */
void markdown_add_code(struct text *t, const char *s);

#endif
