/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Working copies come from a template: a clone (clone.h) that nobody works in, in the folder
 * `.templates` beside the copies, one for each run. Its files are copied without git; what the
 * wanted commit has otherwise, git changes afterwards.
 *
 * The first copy of a run is checked out by git and makes no template: many runs need but one.
 * The second makes it, and whoever comes meanwhile waits for it.
 */
#ifndef KELP_GIT_TEMPLATE_H
#define KELP_GIT_TEMPLATE_H

#include "git/clone.h"

#include <stdbool.h>

/* Makes a complete clone at `path` by git; given by copy.c. */
struct template_maker {
    int (*make)(const char *path, const void *context, struct fault *f);
    const void *context;
};

/* Opens the template for a copy at `path` of run `run`, made first if there is none: 1. Or 0, and
 * *ret is left alone, when this copy should do without. */
int template_find(const char *path, const char *run, const struct template_maker *maker,
                  struct clone *ret, struct fault *f) MUST_CHECK;
/* Takes a template that turned out to be changed out of use. */
int template_drop(const struct clone *template, struct fault *f) MUST_CHECK;
/* Removes the templates of a run beside `path` if no copy of that run is left there. */
int template_sweep(const char *path, const char *run, struct fault *f) MUST_CHECK;

#endif
