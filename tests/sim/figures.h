/* SPDX-License-Identifier: Apache-2.0 */
/* What a search tried, as one flat JSON object for the report of all suites. */
#ifndef KELP_TESTS_SIM_FIGURES_H
#define KELP_TESTS_SIM_FIGURES_H

#include "sim/search.h"

/* False, with a message, where `path` can't be written. */
bool figures_write(const char *path, const struct search_result *r, bool journal, double seconds);
bool figures_write_mutants(const char *path, size_t planted, size_t found);

/* Whether some world breaks the invariant that the mutant names. */
bool mutants_find_one(const struct mutant *mutant);

#endif
