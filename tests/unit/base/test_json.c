/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/os.h"
#include "temp_dir.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

static json_t *parsed(const char *s)
{
    AUTO_FAULT f = {0};
    json_t *value = NULL;

    cr_assert_eq(json_parse(s, strlen(s), "x", &value, &f), 0, "%s", f.message);
    return value;
}

Test(json, parses_any_value)
{
    static const char *const values[] = {
        "null", "true", "\"text\"", "-1.5", "[]", "{\"a\":[1,2,{\"b\":null}]}", " [ 1 ] ",
    };

    for (size_t i = 0; i < COUNT_OF(values); i++) {
        json_auto_t *value = parsed(values[i]);
        cr_expect_not_null(value);
    }
}

Test(json, says_where_it_breaks)
{
    static const struct {
        const char *text;
        unsigned line;
    } cases[] = {
        {"", 1},
        {"{", 1},
        {"{\"a\":\n\n oops}", 3},
        {"[1,\n2,]", 2},
        {"[1] trailing", 1},
        {"\"\xFF\"", 1},
        {"{\"a\":1,\n\"a\":2}", 2},
        {"'single'", 1},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FAULT f = {0};
        json_t *value = NULL;
        int r = json_parse(cases[i].text, strlen(cases[i].text), "result.json", &value, &f);
        cr_expect_eq(r, -FAULT_FORMAT, "case %zu", i);
        cr_expect_null(value);
        cr_expect_str_eq(f.file, "result.json");
        cr_expect_eq(f.line, cases[i].line, "case %zu: line %u", i, f.line);
        cr_expect_geq(f.column, 1);
        cr_expect(text_starts(f.message, "not valid JSON: "));
    }
}

static int parse_nested(size_t depth, const char *before)
{
    AUTO_FAULT f = {0};
    AUTO_TEXT t = {0};
    json_auto_t *value = NULL;

    text_add(&t, before);
    for (size_t i = 0; i < depth; i++)
        text_add_char(&t, '[');
    for (size_t i = 0; i < depth; i++)
        text_add_char(&t, ']');
    text_add(&t, *before ? "]" : "");
    return json_parse(text_get(&t), t.length, "x", &value, &f);
}

Test(json, refuses_deep_nesting)
{
    cr_expect_eq(parse_nested(JSON_DEPTH_MAX, ""), 0);
    cr_expect_eq(parse_nested(JSON_DEPTH_MAX + 1, ""), -FAULT_FORMAT);
    cr_expect_eq(parse_nested(1000 * 1000, ""), -FAULT_FORMAT);
    /* Brackets in strings do not count, whatever is escaped there. */
    cr_expect_eq(parse_nested(JSON_DEPTH_MAX - 1, "[\"[[[[\\\"[[[[\\\\\","), 0);
}

Test(json, writes_the_same_value_as_the_same_bytes)
{
    json_auto_t *value = parsed("{\"b\":1,\"a\":[true,\"x\"]}");
    AUTO_FREE char *line = json_text(value, 0);
    AUTO_FREE char *indented = json_text(value, 2);

    cr_assert_str_eq(line, "{\"a\":[true,\"x\"],\"b\":1}");
    cr_assert_str_eq(indented, "{\n  \"a\": [\n    true,\n    \"x\"\n  ],\n  \"b\": 1\n}");
}

Test(json, reads_what_it_wrote)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "value.json");
    json_auto_t *value = parsed("{\"n\":[1,2,3]}");
    json_auto_t *again = NULL;
    AUTO_FAULT f = {0};

    cr_assert_eq(json_write_file(path, value, &f), 0);
    cr_assert_eq(json_read_file(path, 1000, &again, &f), 0);
    cr_assert(json_equal(value, again));
    json_t *too_large = NULL;
    cr_assert_eq(json_read_file(path, 5, &too_large, &f), -FAULT_LIMIT);
    cr_assert_null(too_large);
}

Test(json, getters_stand_in)
{
    json_auto_t *o = parsed("{\"s\":\"x\",\"i\":7,\"r\":1.5,\"t\":true,\"f\":false}");

    cr_expect_str_eq(json_get_string(o, "s", "d"), "x");
    cr_expect_str_eq(json_get_string(o, "i", "d"), "d");
    cr_expect_null(json_get_string(o, "none", NULL));
    cr_expect_eq(json_get_int(o, "i", -1), 7);
    cr_expect_eq(json_get_int(o, "r", -1), -1);
    cr_expect_eq(json_get_int(NULL, "i", -1), -1);
    cr_expect_float_eq(json_get_number(o, "r", -1), 1.5, 0);
    cr_expect_float_eq(json_get_number(o, "i", -1), 7, 0);
    cr_expect_float_eq(json_get_number(o, "s", -1), -1, 0);
    cr_expect(json_get_bool(o, "t", false));
    cr_expect_not(json_get_bool(o, "f", true));
    cr_expect(json_get_bool(o, "i", true));
}

Test(json, broken_bytes_become_replacements)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } cases[] = {
        {"", 0, ""},
        {"fine", 4, "fine"},
        {"a\xFFz", 3, "a\xEF\xBF\xBDz"},
        {"\xE2\x82", 2, "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"a\0b", 3, "a b"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_auto_t *s = json_lossy_string(cases[i].bytes, cases[i].length);
        cr_expect_str_eq(json_string_value(s), cases[i].text, "case %zu", i);
    }
    json_auto_t *null = json_text_or_null(NULL);
    json_auto_t *text = json_text_or_null("x");
    cr_expect(json_is_null(null));
    cr_expect_str_eq(json_string_value(text), "x");
}

Test(json, nothing_to_write_is_a_bug, .signal = SIGABRT)
{
    free(json_text(NULL, 0));
}

Test(json, finds_values_along_a_path)
{
    json_auto_t *v = parsed("{\"a\":{\"b\":[{\"c\":7},true,1.5,\"s\"]},\"\":1,\"n\":null}");
    static const struct {
        const char *path, *value;
    } cases[] = {
        {"a.b.0.c", "7"},    {"a.b.1", "true"}, {"a.b.2", "1.5"},         {"n", "null"},
        {"a.b.4", NULL},     {"a.b.-1", NULL},  {"a.b.x", NULL},          {"a.b.0.c.d", NULL},
        {"a.c", NULL},       {"a.b.0x", NULL},  {"a.b.9999999999", NULL}, {"a.b.00", "{\"c\":7}"},
        {"a.b.0.c.0", NULL},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const json_t *found = json_at(v, cases[i].path);
        cr_expect_eq(found != NULL, cases[i].value != NULL, "%s", cases[i].path);
        if (!found || !cases[i].value)
            continue;
        AUTO_FREE char *text = json_text(found, 0);
        cr_expect_str_eq(text, cases[i].value, "%s", cases[i].path);
    }
    cr_expect_eq(json_at(v, ""), v);
    cr_expect_null(json_at(NULL, "a"));
}

Test(json, values_along_a_path_have_a_type)
{
    json_auto_t *v = parsed("{\"a\":[{\"c\":7},true,1.5,\"s\"]}");

    cr_expect_eq(json_at_int(v, "a.0.c", -1), 7);
    cr_expect_eq(json_at_int(v, "a.2", -1), -1);
    cr_expect_eq(json_at_number(v, "a.2", -1), 1.5);
    cr_expect_eq(json_at_number(v, "a.0.c", -1), 7);
    cr_expect_eq(json_at_number(v, "a.3", -1), -1);
    cr_expect_str_eq(json_at_string(v, "a.3", "no"), "s");
    cr_expect_str_eq(json_at_string(v, "a.1", "no"), "no");
    cr_expect(json_at_bool(v, "a.1", false));
    cr_expect(json_at_bool(v, "a.3", true));
}

Test(json, what_other_programs_print_is_mended)
{
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"{\"a\":\"x\"}", "{\"a\":\"x\"}"},
        {"[\"a\\u0000b\"]", "[\"a\xEF\xBF\xBD"
                            "b\"]"},
        {"[\"cut \\ud83d\"]", "[\"cut \xEF\xBF\xBD\"]"},
        {"[\"\\ude00 cut\"]", "[\"\xEF\xBF\xBD cut\"]"},
        {"[\"\\ud83d\\ude00\\ud83d\"]", "[\"\xF0\x9F\x98\x80\xEF\xBF\xBD\"]"},
        {"[\"\\\\u0000\",\"\xFF\"]", "[\"\\\\u0000\",\"\xEF\xBF\xBD\"]"},
        {"[\"\\uD83D\\u0041\"]", "[\"\xEF\xBF\xBD"
                                 "A\"]"},
        {"[\"\\ud83", NULL},
        {"[1,\xFF]", NULL},
        {"", NULL},
        {"{]", NULL},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FAULT f = {0};
        json_t *value = NULL;
        int r = json_parse_lossy(cases[i].text, strlen(cases[i].text), "line", &value, &f);
        cr_expect_eq(r, cases[i].value ? 0 : -FAULT_FORMAT, "%s", cases[i].text);
        if (!value)
            continue;
        AUTO_FREE char *text = json_text(value, 0);
        cr_expect_str_eq(text, cases[i].value, "%s", cases[i].text);
        json_decref(value);
    }
}
