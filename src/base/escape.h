/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign text made fit to be seen. Names of files, titles, messages of agents: whatever kelp did
 * not write itself may hold terminal escapes, characters that turn the direction of writing, or
 * broken UTF-8, and passes through here before it reaches a terminal or a report.
 *
 * Control characters and broken bytes become \xNN, invisible and direction-changing characters
 * \u{NNNN}. What comes out is valid UTF-8 and moves no cursor.
 */
#ifndef KELP_BASE_ESCAPE_H
#define KELP_BASE_ESCAPE_H

#include "base/text.h"

/* One line: a line feed becomes \n, a tab \t. */
void escape_add_line(struct text *t, const char *s, size_t length);
/* Many lines: line feeds and tabs stay; the carriage return of a CR LF goes. */
void escape_add_block(struct text *t, const char *s, size_t length);
/* escape_add_line as a string of its own; the caller frees. */
char *escape_line(const char *s);
/* JSON text that means the same: what would be escaped stands there as \uNNNN. (Other control
 * characters are no part of JSON text.) */
void escape_add_json(struct text *t, const char *s, size_t length);

#endif
