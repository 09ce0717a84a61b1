/* SPDX-License-Identifier: Apache-2.0 */
/* What this machine can bear, for the scaling rule. */
#ifndef KELP_CLI_MACHINE_H
#define KELP_CLI_MACHINE_H

#include "core/scale.h"

/* What can't be read is left at 0, which bounds nothing. */
void machine_read(struct scale_machine *ret);

#endif
