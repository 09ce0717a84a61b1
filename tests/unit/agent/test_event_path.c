/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/event_path.h"

#include <criterion/criterion.h>
#include <string.h>

static const char event[] =
    "{\"type\":\"a\",\"n\":12,\"yes\":true,\"none\":null,\"usage\":{\"in\":3},"
    "\"list\":[{\"type\":\"text\",\"text\":\"one\"},{\"type\":\"tool\",\"name\":\"edit\"},"
    "{\"type\":\"text\",\"text\":\"two\"},\"bare\"],\"deep\":[[1,2],[3]]}";

static const struct {
    const char *path, *found; /* compact JSON of what is found, in a list */
} cases[] = {
    {"type", "[\"a\"]"},
    {"usage.in", "[3]"},
    {"usage.out", "[]"},
    {"none", "[]"},
    {"type.more", "[]"},
    {"list[type=text].text", "[\"one\",\"two\"]"},
    {"list[].text", "[\"one\",\"two\"]"},
    {"list[1].name", "[\"edit\"]"},
    {"list[9]", "[]"},
    {"list[3]", "[\"bare\"]"},
    {"deep[][0]", "[1,3]"},
    {"usage[]", "[]"},
};

Test(event_path, finds)
{
    AUTO_FAULT f = {0};
    json_t *value = NULL;

    cr_assert_eq(json_parse(event, strlen(event), "e", &value, &f), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        struct event_path path;
        const json_t *found[EVENT_PATH_MATCHES_MAX];
        json_auto_t *list = json_array();

        cr_assert_null(event_path_parse(cases[i].path, &a, &path), "%s", cases[i].path);
        size_t n = event_path_find(&path, value, found, COUNT_OF(found));
        for (size_t k = 0; k < n; k++)
            json_array_append_new(list, json_share(found[k]));
        AUTO_FREE char *text = json_text(list, 0);
        cr_expect_str_eq(text, cases[i].found, "%s gives %s", cases[i].path, text);
    }
    json_decref(value);
}

Test(event_path, finds_no_more_than_was_asked_for)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    json_t *value = NULL;
    struct event_path path;
    const json_t *found[2];

    cr_assert_eq(json_parse("[1,2,3]", 7, "e", &value, &f), 0);
    cr_assert_null(event_path_parse("[]", &a, &path));
    cr_expect_eq(event_path_find(&path, value, found, 2), 2);
    json_decref(value);
}

static const struct {
    const char *path, *wrong;
} broken[] = {
    {"", "a key is missing"},
    {"a.", "a key is missing"},
    {"a..b", "a key is missing"},
    {"a[", "a '[' without its ']'"},
    {"a]", "a ']' without its '['"},
    {"a[x]", "in [] stands nothing, a number or key=value"},
    {"a[-1]", "in [] stands nothing, a number or key=value"},
    {"a[=x]", "in [] stands nothing, a number or key=value"},
    {"a.b.c.d.e.f.g.h.i.j.k.l.m", "it has too many steps"},
};

Test(event_path, refuses)
{
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        AUTO_ARENA a = {0};
        struct event_path path;
        const char *wrong = event_path_parse(broken[i].path, &a, &path);

        cr_assert_not_null(wrong, "%s", broken[i].path);
        cr_expect_str_eq(wrong, broken[i].wrong, "%s: %s", broken[i].path, wrong);
    }
}

Test(event_path, words_of_scalars)
{
    static const struct {
        const char *json, *word;
        bool is;
    } words[] = {
        {"\"x\"", "x", true}, {"\"x\"", "y", false},    {"true", "true", true},
        {"true", "x", false}, {"false", "false", true}, {"12", "12", true},
        {"12", "12.0", true}, {"12", "1", false},       {"12", "x", false},
        {"null", "*", false}, {"{}", "*", true},        {"{}", "{}", false},
    };

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        AUTO_FAULT f = {0};
        json_t *value = NULL;

        cr_assert_eq(json_parse(words[i].json, strlen(words[i].json), "e", &value, &f), 0);
        cr_expect_eq(event_value_is(value, words[i].word), words[i].is, "%s %s", words[i].json,
                     words[i].word);
        json_decref(value);
    }
    cr_expect_not(event_value_is(NULL, "*"));
}
