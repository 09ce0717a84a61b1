/* SPDX-License-Identifier: Apache-2.0 */
#include "model/schema.h"

#include <string.h>

enum { DEPTH_MAX = 64 };

/* Where in a value the check is. */
struct place {
    struct text path;
    unsigned depth;
    struct fault *f;
};

static int wrong(const struct place *at, const char *what)
{
    return fault_set(at->f, FAULT_FORMAT, "%s%s%s", text_get(&at->path),
                     at->path.length ? ": " : "", what);
}

static bool has_type(const json_t *value, const char *type)
{
    static const struct {
        const char *word;
        json_type type;
    } types[] = {
        {"object", JSON_OBJECT},   {"array", JSON_ARRAY}, {"string", JSON_STRING},
        {"integer", JSON_INTEGER}, {"null", JSON_NULL},
    };

    if (strcmp(type, "boolean") == 0)
        return json_is_boolean(value);
    if (strcmp(type, "number") == 0)
        return json_is_number(value);
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (strcmp(types[i].word, type) == 0)
            return json_typeof(value) == types[i].type;
    return true;
}

static int check_type(const json_t *type, const json_t *value, const struct place *at)
{
    const char *word = json_string_value(type);
    AUTO_TEXT words = {0};
    size_t i;
    json_t *one;

    if (!type || (word && has_type(value, word)))
        return 0;
    if (word)
        text_add(&words, word);
    json_array_foreach (type, i, one) {
        if (json_is_string(one) && has_type(value, json_string_value(one)))
            return 0;
        text_printf(&words, "%s%s", i ? " or " : "",
                    json_is_string(one) ? json_string_value(one) : "");
    }
    AUTO_FREE char *what = text_format("is not of type %s", text_get(&words));
    return wrong(at, what);
}

static int check_choice(const json_t *schema, const json_t *value, const struct place *at)
{
    const json_t *list = json_object_get(schema, "enum");
    const json_t *only = json_object_get(schema, "const");
    bool found = !json_is_array(list);
    size_t i;
    json_t *one;

    json_array_foreach (list, i, one)
        found = found || json_equal(one, value);
    if (only && !json_equal(only, value))
        found = false;
    if (found)
        return 0;
    AUTO_FREE char *choices = json_text(only ? only : list, 0);
    AUTO_FREE char *what = text_format("is not one of %s", choices);
    return wrong(at, what);
}

static int check(const json_t *schema, const json_t *value, struct place *at);

static int check_below(const json_t *schema, const json_t *value, struct place *at)
{
    if (++at->depth > DEPTH_MAX)
        return wrong(at, "is nested too deep");
    int r = check(schema, value, at);
    at->depth--;
    return r;
}

static int check_required(const json_t *schema, const json_t *value, const struct place *at)
{
    size_t i;
    json_t *key;

    json_array_foreach (json_object_get(schema, "required"), i, key) {
        if (!json_is_string(key) || json_object_get(value, json_string_value(key)))
            continue;
        AUTO_FREE char *what = text_format("'%s' is missing", json_string_value(key));
        return wrong(at, what);
    }
    return 0;
}

static int check_object(const json_t *schema, json_t *value, struct place *at)
{
    const json_t *properties = json_object_get(schema, "properties");
    bool closed = json_is_false(json_object_get(schema, "additionalProperties"));
    size_t length = at->path.length;
    const char *key;
    json_t *member;
    int r = check_required(schema, value, at);

    json_object_foreach (value, key, member) {
        const json_t *below = json_object_get(properties, key);
        text_printf(&at->path, "%s%s", length ? "." : "", key);
        if (r == 0 && !below && closed)
            r = wrong(at, "is not known");
        if (r == 0 && below)
            r = check_below(below, member, at);
        text_cut(&at->path, length);
    }
    return r;
}

static int check_array(const json_t *schema, const json_t *value, struct place *at)
{
    const json_t *items = json_object_get(schema, "items");
    size_t length = at->path.length, i;
    json_t *item;
    int r = 0;

    json_array_foreach (value, i, item) {
        if (r < 0 || !json_is_object(items))
            return r;
        text_printf(&at->path, "[%zu]", i);
        r = check_below(items, item, at);
        text_cut(&at->path, length);
    }
    return r;
}

static int check(const json_t *schema, const json_t *value, struct place *at)
{
    int r = check_type(json_object_get(schema, "type"), value, at);

    if (r == 0)
        r = check_choice(schema, value, at);
    if (r < 0)
        return r;
    if (json_is_object(value)) {
        json_t *shared = json_share(value);
        r = check_object(schema, shared, at);
        json_decref(shared);
    }
    return r < 0 ? r : check_array(schema, value, at);
}

int schema_check(const json_t *schema, const json_t *value, struct fault *f)
{
    struct place at = {.f = f};

    int r = check(schema, value, &at);
    text_free(&at.path);
    return r;
}

int schema_find_answer(const char *text, json_t **ret, struct fault *f)
{
    const char *first = strchr(text, '{');
    const char *last = strrchr(text, '}');
    json_t *value = NULL;

    if (!first || !last || last < first)
        return fault_set(f, FAULT_FORMAT, "there is no JSON object in it");
    int r = json_parse(first, (size_t)(last - first) + 1, "answer", &value, f);
    if (r < 0)
        return r;
    *ret = value;
    return 0;
}
