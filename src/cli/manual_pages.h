/* SPDX-License-Identifier: Apache-2.0 */
/* The manual pages as text, for `kelp help` where man(1) is missing; written by the build. */
#ifndef KELP_CLI_MANUAL_PAGES_H
#define KELP_CLI_MANUAL_PAGES_H

#include "cli/cli.h"

extern const struct manual_page manual_pages[];
extern const size_t manual_page_count;

#endif
