/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent may hand on. A plan that an agent asks for (requests.c) is carried out for it; if
 * it could be less contained than the agent itself, asking would be a way out of the sandbox.
 */
#ifndef KELP_ENGINE_GRANT_H
#define KELP_ENGINE_GRANT_H

#include "base/fault.h"
#include "base/text.h"
#include "core/plan.h"

/* `own` are the settings that the asking agent runs with. FAULT_REFUSED names the subtask or step
 * that asks for more, and what. */
int grant_check(const struct plan_settings *own, const struct plan *asked,
                struct fault *f) MUST_CHECK;
/* The plan of a request, {"plan": {...}}, that grant_check has passed; it lives in the arena. */
int grant_read(const struct text *request, const struct plan_settings *own, struct arena *a,
               struct plan **ret, struct fault *f) MUST_CHECK;

#endif
