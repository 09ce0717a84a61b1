/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of kelp's own agent, and the options of that program: the driver, `kelp agent` and
 * kelp-agent itself are made of the same rows.
 */
#ifndef KELP_AGENT_MODEL_H
#define KELP_AGENT_MODEL_H

#include "agent/driver.h"

/* The option, whether it takes a number or a text ("" for a flag, what the help calls it), its
 * range, what holds where none is given, its unit, and one sentence. */
/* clang-format off */
#define MODEL_OPTIONS(X) \
    X(BASE_URL, "base-url", TEXT, "URL", 0, 0, NULL, NULL, \
      "the endpoint, such as http://127.0.0.1:8080/v1") \
    X(MODEL, "model", TEXT, "NAME", 0, 0, NULL, NULL, \
      "the model, as the endpoint names it") \
    X(API, "api", CHOICE, "KIND", 0, 0, "auto", NULL, \
      "what the endpoint speaks: chat completions, messages, or told by its address") \
    X(WORK, "work", TEXT, "DIR", 0, 0, ".", NULL, \
      "the folder that the tools can reach and cannot leave") \
    X(READ_ONLY, "read-only", FLAG, NULL, 0, 0, NULL, NULL, \
      "only the tools that list, read and search") \
    X(SESSION_DIR, "session-dir", TEXT, "DIR", 0, 0, NULL, NULL, \
      "keep the conversation there, to go on with later") \
    X(RESUME, "resume", TEXT, "ID", 0, 0, NULL, NULL, \
      "go on with a conversation of the session folder") \
    X(SCHEMA, "schema", TEXT, "FILE", 0, 0, NULL, NULL, \
      "JSON schema that the answer has to follow") \
    X(WINDOW, "window", INT, "N", 1000, 100000000, NULL, "tokens", \
      "how much the model can take in; without it the endpoint's errors tell") \
    X(ANSWER_TOKENS, "answer-tokens", INT, "N", 1, 10000000, NULL, "tokens", \
      "the longest answer; 8192 where the endpoint asks for a number") \
    X(MAX_TURNS, "max-turns", INT, "N", 1, 100000, "200", NULL, \
      "how often the model is asked at most") \
    X(MAX_TOKENS, "max-tokens", INT, "N", 1, 1000000000000, NULL, "tokens", \
      "what the conversation may use in all") \
    X(STALL, "stall", INT, "N", 1, 86400, "240", "seconds", \
      "how long the endpoint may be silent") \
    X(ASK_LIMIT, "ask-limit", INT, "N", 1, 86400, "1800", "seconds", \
      "how long one answer may take")
/* clang-format on */

enum model_option {
#define MODEL_OPTION_ENUM(name, ...) MODEL_OPTION_##name,
    MODEL_OPTIONS(MODEL_OPTION_ENUM)
#undef MODEL_OPTION_ENUM
        MODEL_OPTION_COUNT
};

/* Variables that hold a key; the first is for any endpoint, the others for one kind each. */
#define MODEL_KEY_ANY "KELP_MODEL_KEY"
#define MODEL_KEY_CHAT "OPENAI_API_KEY"
#define MODEL_KEY_MESSAGES "ANTHROPIC_API_KEY"
/* Variables that hold an endpoint where none is given. */
#define MODEL_URL_CHAT "OPENAI_BASE_URL"
#define MODEL_URL_MESSAGES "ANTHROPIC_BASE_URL"

extern const struct driver driver_model;

#endif
