/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of TOML 1.0 that role files need: the keys at the top of a document whose values are
 * strings, all four kinds of them. Other values are passed over, brackets and strings in them
 * obeyed; so is everything behind the first table header, which no such key can follow.
 */
#ifndef KELP_PLAN_TOML_H
#define KELP_PLAN_TOML_H

#include "plan/node.h"

/* *ret_root is a mapping, in `a`; values are not plain. FAULT_PLAN with the place. A key that is
 * written twice is in it twice, for the tables to refuse. */
int toml_read(const struct source *source, struct arena *a, struct node **ret_root,
              struct fault *f) MUST_CHECK;

#endif
