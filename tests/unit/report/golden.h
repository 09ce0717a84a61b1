/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that are compared with files in tests/unit/report/golden/. With KELP_UPDATE_GOLDEN set they
 * are written instead: look at what `git diff` says then. */
#ifndef KELP_TESTS_REPORT_GOLDEN_H
#define KELP_TESTS_REPORT_GOLDEN_H

#include "base/json.h"

/* Path of a file there; the caller frees. */
char *golden_path(const char *name);
void golden_compare(const char *name, const char *text);
/* A golden JSON file, parsed. */
json_t *golden_json(const char *name);

#endif
