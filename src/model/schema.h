/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of JSON Schema that answers and arguments are checked with: type, enum, const, required,
 * properties, additionalProperties: false, and items. Other keywords hold for whatever comes.
 */
#ifndef KELP_MODEL_SCHEMA_H
#define KELP_MODEL_SCHEMA_H

#include "base/json.h"

/* FAULT_FORMAT says where and what: "subtasks[2].title: is missing". */
int schema_check(const json_t *schema, const json_t *value, struct fault *f) MUST_CHECK;

/* The JSON object in what a model said: all of it, what stands in a fence, or what lies between the
 * first brace and the last. New reference. */
int schema_find_answer(const char *text, json_t **ret, struct fault *f) MUST_CHECK;

#endif
