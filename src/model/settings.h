/* SPDX-License-Identifier: Apache-2.0 */
/* What kelp-agent was told: its command line and its environment. */
#ifndef KELP_MODEL_SETTINGS_H
#define KELP_MODEL_SETTINGS_H

#include "model/api.h"

/* Plain data. Strings are owned; NULL: not told. */
struct settings {
    char *base_url, *model, *work, *session_dir, *resume, *schema;
    char *prompt; /* NULL: standard input has it */
    char *chat_key, *messages_key;
    char *result_path, *context_dir;
    const struct api *api;
    bool guessed; /* the kind was */
    bool read_only;
    int64_t window, answer_tokens, max_turns, max_tokens, stall_s, ask_limit_s;
};

/* Keys are taken out of the environment, so that what a model runs does not have them. FAULT_USAGE
 * says which word is wrong or what is missing. */
int settings_read(int argc, char *const *argv, struct settings *ret, struct fault *f) MUST_CHECK;
void settings_free(struct settings *s);
#define AUTO_SETTINGS __attribute__((cleanup(settings_free))) struct settings

#endif
