/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/findings.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
    const char *json;
    size_t max;
    const char *expected;
} digests[] = {
    {"[]", 1000, ""},
    {"null", 1000, ""},
    {"[{\"severity\":\"low\",\"title\":\"b\"},{\"severity\":\"high\",\"file\":\"src/a.c\","
     "\"line\":3,\"title\":\"key\\nin text\",\"reason\":\"it is public\"}]",
     1000, "- high: src/a.c:3: key in text - it is public\n- low: b\n"},
    {"[{\"severity\":\"high\",\"title\":\"1\"},{\"severity\":\"low\",\"title\":\"2\"},"
     "{\"severity\":\"info\",\"title\":\"3\"}]",
     12, "- high: 1\n- and 2 more\n"},
    {"[{\"summary\":\"no title\",\"file\":\"x\",\"line\":0},7]", 1000,
     "- note: x: no title\n- note: \n"},
};

Test(findings, digest)
{
    for (size_t i = 0; i < COUNT_OF(digests); i++) {
        AUTO_FAULT f = {0};
        AUTO_TEXT out = {0};
        json_t *list = NULL;
        if (strcmp(digests[i].json, "null") != 0)
            cr_assert_eq(json_parse(digests[i].json, strlen(digests[i].json), "x", &list, &f), 0);
        findings_digest(list, digests[i].max, &out);
        cr_expect_str_eq(text_get(&out), digests[i].expected);
        json_decref(list);
    }
}

Test(findings, a_long_title_is_cut_between_characters)
{
    AUTO_TEXT title = {0};
    AUTO_TEXT out = {0};

    for (int i = 0; i < 200; i++)
        text_add(&title, "ä");
    json_auto_t *list = json_pack("[{s:s}]", "title", text_get(&title));
    findings_digest(list, 1000, &out);
    cr_expect_eq(text_utf8_valid(text_get(&out), out.length), out.length);
    cr_expect(out.length < 200, "%zu bytes", out.length);
    cr_expect(text_ends(text_get(&out), "...\n"));
}
