/* SPDX-License-Identifier: Apache-2.0 */
/* From what a planner said to the JSON in it. */
#include "plan/answer.h"

#include "plan/source.h"

#include <string.h>

enum {
    TRIES_MAX = 100, /* objects that are looked at, so that a text of braces takes no time */
    INDENT = 2,
};

const char *answer_layout(const json_t *answer, struct arena *a)
{
    char *text = json_dumps(answer, JSON_INDENT(INDENT) | JSON_ENCODE_ANY);
    const char *kept = arena_string(a, text ? text : "");

    free(text);
    return kept;
}

/* The offset of the next brace that may begin an object, or `length`. */
static size_t next_object(const char *said, size_t length, size_t from)
{
    for (size_t i = from; i < length; i++) {
        if (said[i] != '{')
            continue;
        size_t next = i + 1 + strspn(said + i + 1, " \t\r\n");
        if (said[next] == '"' || said[next] == '}')
            return i;
    }
    return length;
}

struct search {
    const struct source *source;
    size_t fault_at; /* of the object that was read furthest before it failed */
    size_t furthest; /* bytes of it */
    char why[JSON_ERROR_TEXT_LENGTH];
};

/* The plan that begins at an offset; NULL if there is none. */
static json_t *try_object(struct search *s, size_t at)
{
    json_error_t error;
    json_t *value = json_loadb(s->source->text + at, s->source->length - at,
                               JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);

    if (value && json_object_get(value, "subtasks"))
        return value;
    if (!value && error.position > 0 && (size_t)error.position > s->furthest) {
        s->furthest = (size_t)error.position;
        s->fault_at = at + s->furthest - 1;
        memcpy(s->why, error.text, sizeof s->why);
    }
    json_decref(value);
    return NULL;
}

static int nothing_found(const struct search *s, struct fault *f)
{
    int r;

    if (s->furthest) {
        AUTO_FREE char *message = text_format("not valid JSON: %s", s->why);
        r = source_fail(s->source, s->fault_at, message, f);
    } else {
        r = source_fail(s->source, 0, "no JSON object with 'subtasks' in the answer", f);
    }
    fault_hint(f, "answer with one JSON object and nothing else");
    return r;
}

int answer_find(const char *said, size_t length, struct arena *a, const char **ret_json,
                struct fault *f)
{
    AUTO_FREE char *text = mem_string_n(said, length); /* ends with NUL */
    const struct source source = {text, length, "answer"};
    struct search search = {.source = &source};
    json_auto_t *plan = NULL;
    int r = source_check(&source, ANSWER_BYTES_MAX, f);

    if (r < 0)
        return r;
    size_t at = next_object(text, length, 0);
    for (int i = 0; !plan && at < length && i < TRIES_MAX; i++) {
        plan = try_object(&search, at);
        at = next_object(text, length, at + 1);
    }
    if (!plan)
        return nothing_found(&search, f);
    *ret_json = answer_layout(plan, a);
    return 0;
}
