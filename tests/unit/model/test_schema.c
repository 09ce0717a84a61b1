/* SPDX-License-Identifier: Apache-2.0 */
#include "model/schema.h"

#include <criterion/criterion.h>

static const char schema_text[] =
    "{\"type\":\"object\",\"required\":[\"title\",\"list\"],\"additionalProperties\":false,"
    "\"properties\":{\"title\":{\"type\":\"string\"},\"kind\":{\"enum\":[\"a\",\"b\"]},"
    "\"one\":{\"const\":1},\"n\":{\"type\":[\"integer\",\"null\"]},\"x\":{\"type\":\"number\"},"
    "\"yes\":{\"type\":\"boolean\"},\"list\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
    "\"required\":[\"k\"]}}}}";

static const struct {
    const char *value, *message; /* NULL: it is good */
} cases[] = {
    {"{\"title\":\"t\",\"list\":[]}", NULL},
    {"{\"title\":\"t\",\"list\":[{\"k\":1},{\"k\":2,\"more\":3}],\"kind\":\"b\",\"one\":1,"
     "\"n\":null,\"x\":1.5,\"yes\":true}",
     NULL},
    {"{\"title\":\"t\",\"list\":[],\"n\":3,\"x\":2,\"yes\":false}", NULL},
    {"[]", "is not of type object"},
    {"{\"list\":[]}", "'title' is missing"},
    {"{\"title\":5,\"list\":[]}", "title: is not of type string"},
    {"{\"title\":\"t\",\"list\":{}}", "list: is not of type array"},
    {"{\"title\":\"t\",\"list\":[{\"k\":1},{}]}", "list[1]: 'k' is missing"},
    {"{\"title\":\"t\",\"list\":[7]}", "list[0]: is not of type object"},
    {"{\"title\":\"t\",\"list\":[],\"kind\":\"c\"}", "kind: is not one of [\"a\",\"b\"]"},
    {"{\"title\":\"t\",\"list\":[],\"one\":2}", "one: is not one of 1"},
    {"{\"title\":\"t\",\"list\":[],\"n\":1.5}", "n: is not of type integer or null"},
    {"{\"title\":\"t\",\"list\":[],\"x\":\"1\"}", "x: is not of type number"},
    {"{\"title\":\"t\",\"list\":[],\"yes\":1}", "yes: is not of type boolean"},
    {"{\"title\":\"t\",\"list\":[],\"more\":1}", "more: is not known"},
};

Test(schema, check)
{
    json_auto_t *schema = json_loads(schema_text, 0, NULL);

    cr_assert_not_null(schema);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_auto_t *value = json_loads(cases[i].value, 0, NULL);
        AUTO_FAULT f = {0};
        int r = schema_check(schema, value, &f);
        cr_expect_eq(r, cases[i].message ? -FAULT_FORMAT : 0, "%s", cases[i].value);
        if (cases[i].message)
            cr_expect_str_eq(f.message, cases[i].message);
    }
}

Test(schema, find_answer)
{
    static const char *const good[] = {
        "{\"a\":1}",
        "Here it is:\n```json\n{\"a\":1}\n```\nThat is all.",
        "  {\"a\":1}  ",
    };
    static const char *const bad[] = {"", "no object", "} {", "{\"a\":", "{\"a\":1} and {\"b\":2}"};

    for (size_t i = 0; i < COUNT_OF(good); i++) {
        json_t *value = NULL;
        AUTO_FAULT f = {0};
        cr_assert_eq(schema_find_answer(good[i], &value, &f), 0, "%s: %s", good[i], f.message);
        cr_assert_eq(json_get_int(value, "a", 0), 1);
        json_decref(value);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        json_t *value = NULL;
        AUTO_FAULT f = {0};
        cr_assert_eq(schema_find_answer(bad[i], &value, &f), -FAULT_FORMAT, "%s", bad[i]);
    }
}
