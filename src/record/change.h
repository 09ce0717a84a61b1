/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What agents changed, after their run: their commits are in the user's repository where they
 * became part of the result, else in a clone that was kept or in a bundle of the run's folder. A
 * store sees all of these as one.
 */
#ifndef KELP_RECORD_CHANGE_H
#define KELP_RECORD_CHANGE_H

#include "base/fault.h"
#include "base/text.h"

struct change_store;

/* Makes a repository without files in the run's folder that borrows from the others. */
int change_store_open(const char *repo, const char *run_dir, struct change_store **ret,
                      struct fault *f) MUST_CHECK;
/* Removes it. NULL is nothing. */
void change_store_close(struct change_store *s);

/* Appends a patch for `git apply`, binary files whole. FAULT_NOT_FOUND: one of the commits is
 * nowhere any more. */
int change_diff(struct change_store *s, const char *from, const char *to, struct text *out,
                struct fault *f) MUST_CHECK;

#endif
