/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/event_path.h"

#include <string.h>

static const char *parse_bracket(const char *inside, size_t length, struct arena *a,
                                 struct event_step *ret)
{
    const char *equals = memchr(inside, '=', length);
    const char *text = arena_string_n(a, inside, length);
    int64_t index;

    if (!length) {
        *ret = (struct event_step){.kind = STEP_EACH};
        return NULL;
    }
    if (equals && equals > inside) {
        *ret = (struct event_step){
            .kind = STEP_WHERE,
            .key = arena_string_n(a, inside, (size_t)(equals - inside)),
            .value = arena_string_n(a, equals + 1, length - (size_t)(equals - inside) - 1)};
        return NULL;
    }
    if (!text_to_int64(text, 0, INT32_MAX, &index))
        return "in [] stands nothing, a number or key=value";
    *ret = (struct event_step){.kind = STEP_INDEX, .index = (size_t)index};
    return NULL;
}

/* One step at *at, which is moved behind it. */
static const char *parse_step(const char **at, struct arena *a, struct event_step *ret)
{
    const char *start = *at;

    if (*start == '[') {
        size_t length = strcspn(start, "]");
        if (!start[length])
            return "a '[' without its ']'";
        *at = start + length + 1;
        return parse_bracket(start + 1, length - 1, a, ret);
    }
    size_t length = strcspn(start, ".[]");
    if (!length)
        return "a key is missing";
    *ret = (struct event_step){.kind = STEP_KEY, .key = arena_string_n(a, start, length)};
    *at = start + length;
    return NULL;
}

const char *event_path_parse(const char *text, struct arena *a, struct event_path *ret)
{
    struct event_path path = {.count = 0};

    for (const char *at = text; *at || at == text;) {
        if (path.count == EVENT_PATH_STEPS_MAX)
            return "it has too many steps";
        const char *wrong = parse_step(&at, a, &path.steps[path.count]);
        if (wrong)
            return wrong;
        path.count++;
        if (*at == '.' && !*++at)
            return "a key is missing";
        else if (*at == ']')
            return "a ']' without its '['";
    }
    *ret = path;
    return NULL;
}

struct search {
    const struct event_path *path;
    const json_t **found;
    size_t count, most;
};

static void find(struct search *s, size_t step, const json_t *value);

static void find_in_list(struct search *s, size_t step, const json_t *list)
{
    const struct event_step *at = &s->path->steps[step];
    size_t i;
    json_t *element;

    json_array_foreach (list, i, element) {
        bool taken = at->kind == STEP_EACH || (at->kind == STEP_INDEX && at->index == i) ||
                     (at->kind == STEP_WHERE &&
                      event_value_is(json_object_get(element, at->key), at->value));
        if (taken)
            find(s, step + 1, element);
    }
}

/* Recurses once for each step of the path. */
static void find(struct search *s, size_t step, const json_t *value)
{
    if (!value || json_is_null(value) || s->count == s->most)
        return;
    if (step == s->path->count)
        s->found[s->count++] = value;
    else if (s->path->steps[step].kind == STEP_KEY)
        find(s, step + 1, json_object_get(value, s->path->steps[step].key));
    else
        find_in_list(s, step, value);
}

size_t event_path_find(const struct event_path *path, const json_t *event, const json_t **ret,
                       size_t most)
{
    struct search s = {.path = path, .found = ret, .most = most};

    find(&s, 0, event);
    return s.count;
}

bool event_value_is(const json_t *value, const char *word)
{
    if (!value || json_is_null(value))
        return false;
    if (strcmp(word, "*") == 0)
        return true;
    if (json_is_string(value))
        return strcmp(json_string_value(value), word) == 0;
    if (json_is_boolean(value))
        return strcmp(word, json_is_true(value) ? "true" : "false") == 0;
    double number;
    return json_is_number(value) && text_to_double(word, &number) &&
           number >= json_number_value(value) && number <= json_number_value(value);
}
