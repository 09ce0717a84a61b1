/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The drivers of this machine: those that are compiled in, then those by configuration, in
 * recipes/drivers and in the user's drivers folder. A file of the user's wins over a shipped one
 * and over a compiled-in driver of the same name, and keeps its place in the list.
 */
#ifndef KELP_AGENT_ROSTER_H
#define KELP_AGENT_ROSTER_H

#include "agent/driver.h"

struct roster_entry {
    const struct driver *driver;
    const char *program;    /* absolute path; NULL: it was not found */
    const char *trouble;    /* why it can't be started, for people; NULL: it can */
    const char *configured; /* the first of its driver's `configured_by` that holds; NULL: none */
    const char *file;       /* that describes it; NULL: compiled in */
    const char *tried;      /* the version that its description was tried with; "": none */
};

/* Plain data in the arena that it was loaded with. */
struct roster {
    const struct roster_entry *at; /* compiled in first, then by file name */
    size_t count;
    const char *const *names; /* `count` of them, for "did you mean" */
    struct strings faults;    /* "FILE:LINE:COL: message" for each file that is broken */
};

struct roster_options {
    const char *recipes; /* folder with drivers/; NULL: none are shipped */
    const char *config;  /* the user's configuration folder, with drivers/; NULL: none */
    struct driver_lookup environment; /* PATH and HOME; no `get`: nothing is set */
};

/* Programs are looked up in the PATH; those that are named kelp-* lie beside kelp. A folder that
 * does not exist holds no drivers, a broken file is left out and named in ret->faults. */
int roster_load(const struct roster_options *options, struct arena *a, struct roster *ret,
                struct fault *f) MUST_CHECK;
/* NULL if there is none of that name. */
const struct roster_entry *roster_find(const struct roster *roster, const char *name);
/* The same, as a fault that says what is missing and how to get it: FAULT_ENVIRONMENT where the
 * name is not known (with the nearest) or the program was not found. */
int roster_need(const struct roster *roster, const char *name, const struct roster_entry **ret,
                struct fault *f) MUST_CHECK;
/* The value of a variable, NULL where it is unset or empty. */
const char *lookup_get(struct driver_lookup lookup, const char *name);

#endif
