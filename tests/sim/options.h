/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of kelp-sim. */
#ifndef KELP_TESTS_SIM_OPTIONS_H
#define KELP_TESTS_SIM_OPTIONS_H

#include "sim/search.h"

/* Strings are those of the command line; the script of `one` is owned. */
struct arguments {
    const char *program; /* as it was called */
    struct search_options search;
    struct search_failure one; /* the world of --seed */
    bool single, mutants, verbose, shrink, seen;
    const char *figures;        /* file for those of the search; NULL: not wanted */
    uint32_t slots, soak_hours; /* 0: not asked for */
};

/* False, with usage on stderr, for a word that is wrong; free `ret` in any case. */
bool options_read(int argc, char **argv, struct arguments *ret);
void options_free(struct arguments *a);

#endif
