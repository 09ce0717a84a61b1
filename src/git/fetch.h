/* SPDX-License-Identifier: Apache-2.0 */
/* Brings a commit of a clone into the user's repository. */
#ifndef KELP_GIT_FETCH_H
#define KELP_GIT_FETCH_H

#include "base/fault.h"

/* Copies the objects of `commit` from the clone at `path`, checked one by one, and sets `ref`
 * ("refs/heads/kelp/ORG_4729.1") to it. What the ref had and nothing else has is kept (earlier.h).
 * No hook runs on either side. */
int fetch_commit(const char *repo, const char *path, const char *commit, const char *ref,
                 struct fault *f) MUST_CHECK;

#endif
