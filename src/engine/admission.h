/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine bears becomes an event where it changes; the rule is core/admission.h. */
#ifndef KELP_ENGINE_ADMISSION_H
#define KELP_ENGINE_ADMISSION_H

#include "engine/engine_priv.h"

/* Looks at once, and from then on every second. */
void admission_begin(struct engine *e);
/* One look. */
void admission_check(struct engine *e);

#endif
