/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that may stand on the plan, a subtask, a wave or an agent, where the nearest wins:
 * agent, model, base_url, role, isolation, sandbox, schedule, retries, stall, limits. A level
 * starts with a copy of the scope above it and reads its own keys over it; of `limits` and
 * `sandbox` only the keys that are written are replaced.
 */
#ifndef KELP_PLAN_SETTINGS_H
#define KELP_PLAN_SETTINGS_H

#include "plan/field.h"

/* The first member of everything that is read with `settings_fields` in its table. */
struct scope {
    struct plan_settings settings;
    const char *role; /* "" while none is written */
};

extern const struct field_table settings_fields;

/* What holds before anything is written. */
struct scope scope_default(void);

/* Slot: const char *, an http or https address. */
field_read field_url;
/* Slot: struct strings, each "HOST:PORT". */
field_read field_hosts;
/* Slot: struct strings, names of environment variables. */
field_read field_environment;

/* The words of the enums, shared with the writer. */
extern const struct field_words isolation_words, schedule_words, network_words;
extern const struct field_words land_words, push_words;
/* The word of a value; the first row's for a value that has none. */
const char *words_name(const struct field_words *words, int value);

#endif
