/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/node.h"

#include "base/json.h"

#include <criterion/criterion.h>
#include <string.h>

static struct node *from_json(const char *text, struct arena *a)
{
    AUTO_FAULT f = {0};
    json_auto_t *value = NULL;
    struct node *root = NULL;

    cr_assert_eq(json_parse(text, strlen(text), "j", &value, &f), 0, "%s", f.message);
    cr_assert_eq(node_from_json(value, "j", a, &root, &f), 0, "%s", f.message);
    return root;
}

static struct node *from_yaml(const char *text, struct arena *a)
{
    AUTO_FAULT f = {0};
    struct node *root = NULL;

    cr_assert_eq(node_read_yaml(&(struct source){text, strlen(text), "y"}, a, &root, &f), 0, "%s",
                 f.message);
    return root;
}

static void expect_same(const struct node *a, const struct node *b)
{
    cr_assert_eq(a->kind, b->kind);
    cr_assert_eq(a->count, b->count);
    cr_assert_eq(a->weight, b->weight);
    if (a->kind == NODE_SCALAR) {
        cr_expect_str_eq(a->text, b->text);
        cr_expect_eq(a->plain, b->plain, "%s", a->text);
    }
    for (size_t i = 0; i < a->count; i++)
        expect_same(a->items[i], b->items[i]);
}

Test(node, json_values_and_json_text_are_the_same_tree)
{
    static const char text[] =
        "{\"a\": [1, -2.5, true, false, null, \"x\", \"true\"], \"b\": {\"c\": {}}, \"d\": []}";
    AUTO_ARENA a = {0};

    expect_same(from_json(text, &a), from_yaml(text, &a));
}

Test(node, descriptions)
{
    static const struct {
        const char *text, *description;
        bool null;
    } cases[] = {
        {"[]", "a list", false},
        {"{}", "a mapping", false},
        {"[~]", "nothing", true},
        {"[null]", "nothing", true},
        {"['null']", "'null'", false},
        {"['']", "''", false},
        {"[12]", "'12'", false},
        {"['0123456789012345678901234567890123456789']",
         "'0123456789012345678901234567890123456789'", false},
        {"['012345678901234567890123456789012345678\u00fc0']",
         "'012345678901234567890123456789012345678...'", false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        const struct node *node = from_yaml(cases[i].text, &a);
        if (node->count)
            node = node->items[0];
        cr_expect_str_eq(node_describe(node, &a), cases[i].description);
        cr_expect_eq(node_is_null(node), cases[i].null);
    }
}

Test(node, json_is_bounded_like_yaml)
{
    static const char *const brackets[] = {"[]", "{}"};

    for (size_t kind = 0; kind < 2; kind++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        AUTO_TEXT text = {0};
        json_auto_t *value = NULL;
        struct node *root = NULL;
        for (int i = 0; i < 100; i++)
            text_add(&text, kind ? "{\"a\":" : "[");
        text_add(&text, brackets[kind]);
        for (int i = 0; i < 100; i++)
            text_add_char(&text, brackets[kind][1]);
        cr_assert_eq(json_parse(text.data, text.length, "j", &value, &f), 0, "%s", f.message);
        cr_assert_eq(node_from_json(value, "j", &a, &root, &f), -FAULT_LIMIT);
        cr_expect_str_eq(f.message, "'j' is nested more than 64 levels deep");
        cr_expect_not_null(f.hint);
    }
}

Test(node, places)
{
    static const char text[] = "a: b\n\"c\": 'd'\ne:\n  - &x f\n  - *x\ng: |\n  h\n";
    static const struct plan_place places[] = {{1, 1}, {1, 4}, {2, 1}, {2, 6}, {3, 1}};
    AUTO_ARENA a = {0};
    const struct node *root = from_yaml(text, &a);

    for (size_t i = 0; i < COUNT_OF(places); i++) {
        cr_expect_eq(root->items[i]->place.line, places[i].line, "%zu", i);
        cr_expect_eq(root->items[i]->place.column, places[i].column, "%zu", i);
    }
    const struct node *list = root->items[5];
    cr_expect_eq(list->items[0], list->items[1]);
    cr_expect_eq(list->items[0]->place.line, 4);
    cr_expect_eq(list->items[0]->place.column, 8);
    cr_expect_eq(root->items[7]->place.line, 7);
}
