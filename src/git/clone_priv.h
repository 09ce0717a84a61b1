/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by clone.c and clone_secure.c only. */
#ifndef KELP_GIT_CLONE_PRIV_H
#define KELP_GIT_CLONE_PRIV_H

#include "git/clone.h"

/* The text of the configuration that kelp writes into a clone. */
void clone_config_text(const struct clone *clone, struct text *out);

#endif
