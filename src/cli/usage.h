/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about commands and options, all of it made from their rows. */
#ifndef KELP_CLI_USAGE_H
#define KELP_CLI_USAGE_H

#include "base/text.h"
#include "cli/commands.h"

/* The overview: every command with its sentence, under its heading. */
void usage_add_overview(struct text *t);
/* What `kelp NAME --help` prints. */
void usage_add_help(struct text *t, const struct command_row *row);

/* Parts of a manual page in the language of scdoc(5). */
void usage_add_manual_name(struct text *t, const struct command_row *row);
void usage_add_manual_synopsis(struct text *t, const struct command_row *row);
void usage_add_manual_options(struct text *t, const struct command_row *row);
void usage_add_manual_exits(struct text *t, const struct command_row *row);
void usage_add_manual_commands(struct text *t);
void usage_add_manual_common(struct text *t);

/* Completion for bash, of all commands. */
void usage_add_bash_completion(struct text *t);

#endif
