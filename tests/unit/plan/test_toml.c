/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/toml.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
    const char *text, *expected; /* key=value|..., or the fault */
} documents[] = {
    {"", ""},
    {"# a comment\n\n name = \"a\" # b\n", "name=a|"},
    {"a='c:\\dir'\r\nb = \"x\\ty\\\"\\u00e4\\U0001F600\"\r\n", "a=c:\\dir|b=x\ty\"ä😀|"},
    {"a = \"\"\"\nfirst\n  \"second\" \\\n   word\"\"\"\"\nb=''",
     "a=first\n  \"second\" word\"|b=|"},
    {"a = '''\nraw \\n ''x\n'''", "a=raw \\n ''x\n|"},
    {"\"a b\" = 'x'\nn = 1\nlist = [1, # ]\n \"]\", [2],\n]\nt = {x = \"}\"}\nb = "
     "'y'\n[table]\nz='1'",
     "a b=x|b=y|"},
    {"d = 1979-05-27T07:32:00Z\nb = true", ""},
    {"a = 'x", "f:1:5: a string without an end"},
    {"a = \"x\ny\"", "f:1:5: a string without an end"},
    {"\na = \"\"\"x\n", "f:2:5: a string without an end"},
    {"a = \"\\q\"", "f:1:6: an unknown escape"},
    {"a = \"\\u12\"", "f:1:8: a \\u without its digits"},
    {"a = \"\\ud800\"", "f:1:8: a \\u of no character"},
    {"a = 'x' 'y'", "f:1:9: more than one value in a line"},
    {"a = [1, 2\n", "f:1:5: a list or table without an end"},
    {"a = 1]", "f:1:6: a bracket that closes nothing"},
    {"a =\nb = 1", "f:1:4: a key without a value"},
    {"ab\n", "f:1:1: a line without 'key = value'"},
    {"= 'x'", "f:1:1: a line without 'key = value'"},
    {"a = '\xff'", "f:1:6: not valid UTF-8"},
};

Test(toml, strings_at_the_top)
{
    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        AUTO_TEXT got = {0};
        struct node *root = NULL;
        const struct source source = {documents[i].text, strlen(documents[i].text), "f"};
        if (toml_read(&source, &a, &root, &f) < 0) {
            AUTO_FREE char *message = fault_text(&f);
            cr_expect_str_eq(message, documents[i].expected);
            continue;
        }
        for (size_t k = 0; k < root->count; k += 2)
            text_printf(&got, "%s=%s|", root->items[k]->text, root->items[k + 1]->text);
        cr_expect_str_eq(text_get(&got), documents[i].expected);
    }
}

Test(toml, keys_have_places)
{
    static const char text[] = "\n  name = 'x'\n";
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct node *root = NULL;

    cr_assert_eq(toml_read(&(struct source){text, strlen(text), "f"}, &a, &root, &f), 0);
    cr_expect_eq(root->items[0]->place.line, 2);
    cr_expect_eq(root->items[0]->place.column, 3);
    cr_expect_eq(root->items[1]->place.column, 10);
}
