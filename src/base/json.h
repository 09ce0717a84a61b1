/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thin helpers over jansson: parsing with located faults, and readers for documents
 * whose shape is checked elsewhere. `json_auto_t` (jansson's own) frees with its scope.
 */
#ifndef KELP_BASE_JSON_H
#define KELP_BASE_JSON_H

#include "base/fault.h"
#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Nesting that foreign JSON may have; jansson recurses once for each level. */
enum { JSON_DEPTH_MAX = 512 };

/* What jansson allocates does not fail either (base/memory.h): without memory it would drop a
 * member of an object that is being built, unseen. Called once, before anything else of JSON. */
void json_use_memory(void);
/* Parses text of any origin. `name` is shown as the file of a fault. New reference. */
int json_parse(const char *data, size_t length, const char *name, json_t **ret,
               struct fault *f) MUST_CHECK;
/* The same for what other programs print: where it does not parse as it is, the characters that
 * jansson refuses become U+FFFD: NUL, half of a surrogate pair (what is left of a text that was cut
 * between its units) and bytes that are not UTF-8. */
int json_parse_lossy(const char *data, size_t length, const char *name, json_t **ret,
                     struct fault *f) MUST_CHECK;
/* os_read_file and json_parse in one. */
int json_read_file(const char *path, size_t max_bytes, json_t **ret, struct fault *f) MUST_CHECK;
/* Sorted keys: the same value is the same bytes. `indent` 0 is one line. Caller frees. */
char *json_text(const json_t *value, size_t indent);
/* Writes indented text and a newline, atomically (os_write_file). */
int json_write_file(const char *path, const json_t *value, struct fault *f) MUST_CHECK;

/* Missing or of another type gives the stand-in. Strings are borrowed. */
const char *json_get_string(const json_t *object, const char *key, const char *otherwise);
int64_t json_get_int(const json_t *object, const char *key, int64_t otherwise);
double json_get_number(const json_t *object, const char *key, double otherwise);
bool json_get_bool(const json_t *object, const char *key, bool otherwise);

/* What is found along a path of keys and, in arrays, of indexes from 0: "message.content.0.text".
 * NULL if any step of it is not there; "" is the value itself. Borrowed. */
const json_t *json_at(const json_t *value, const char *path);
/* The same with a type. 1.0 is no integer. */
const char *json_at_string(const json_t *value, const char *path, const char *otherwise);
int64_t json_at_int(const json_t *value, const char *path, int64_t otherwise);
double json_at_number(const json_t *value, const char *path, double otherwise);
bool json_at_bool(const json_t *value, const char *path, bool otherwise);

/* A reference of the holder's own to a value that somebody else may only read, where jansson wants
 * one without const. Nobody may change the value through it. */
json_t *json_share(const json_t *value);

/* A string of possibly invalid UTF-8 as JSON: broken bytes become U+FFFD. New reference. */
json_t *json_lossy_string(const char *s, size_t length);
/* As above for NUL-terminated text; NULL becomes JSON null. */
json_t *json_text_or_null(const char *s);

#endif
