/* SPDX-License-Identifier: Apache-2.0 */
/* What every command is handed: the streams, and what is known about them. */
#ifndef KELP_CLI_CLI_H
#define KELP_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Plain data: one manual page as text. */
struct manual_page {
    const char *name; /* "kelp-run" */
    const char *section;
    const char *text;
};

/* Plain data; main owns it. Results go to `out`, everything said on the way to `err`. */
struct cli {
    FILE *in, *out, *err;
    bool out_color, err_color; /* colours and symbols are wanted there */
    bool interactive;          /* somebody sits there who can be asked */
    const char *version;
    const struct manual_page *pages;
    size_t page_count;
};

#endif
