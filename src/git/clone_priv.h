/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by clone.c and the clone_*.c only. */
#ifndef KELP_GIT_CLONE_PRIV_H
#define KELP_GIT_CLONE_PRIV_H

#include "git/clone.h"

/* The text of the configuration that kelp writes into a clone. */
void clone_config_text(const struct clone *clone, struct text *out);

/* Removes whatever git could be held up or led astray by: below .git all that is neither file nor
 * folder, and locks; in the working tree FIFOs and their like under the names that git reads. */
int clone_sweep(const struct clone *clone, struct fault *f) MUST_CHECK;

#endif
