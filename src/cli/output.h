/* SPDX-License-Identifier: Apache-2.0 */
/* What commands print. Foreign text is escaped here (base/escape.h); `json` never has colours. */
#ifndef KELP_CLI_OUTPUT_H
#define KELP_CLI_OUTPUT_H

#include "base/json.h"
#include "cli/cli.h"

enum output_style {
    STYLE_PLAIN,
    STYLE_BOLD,
    STYLE_DIM,
    STYLE_GOOD,
    STYLE_WARNING,
    STYLE_BAD,
};

/* Colours on `stream`: only on a terminal that can, never with a NO_COLOR that is not empty. */
bool output_wants_color(FILE *stream, bool no_color);
/* Appends `s` as it is, in the style if `color`. */
void output_add_styled(struct text *t, bool color, enum output_style style, const char *s);
/* A line to `out` or to `err`; what stands in the arguments is escaped, all in one line. */
void output_line(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Indented JSON to `out`, keys sorted. */
void output_json(struct cli *cli, const json_t *value);
/* One line of JSON to `out`, flushed, for readers that follow. */
void output_json_line(struct cli *cli, const json_t *value);
/* "kelp run: message" and "hint: ..." to `err`; a fault with a place begins with that instead.
 * `command` may be NULL. */
void output_fault(struct cli *cli, const char *command, const struct fault *f);
/* Asks on the terminal: 1 for yes, 0 for no; an empty answer is `otherwise`. With `yes` it does not
 * ask. Without a terminal there is nobody to ask: FAULT_USAGE, the hint names --yes. */
int output_confirm(struct cli *cli, bool yes, const char *question, bool otherwise,
                   struct fault *f) MUST_CHECK;
/* Fails when results could not be written (a full disk, a closed pipe). */
int output_finish(struct cli *cli, struct fault *f) MUST_CHECK;

#endif
