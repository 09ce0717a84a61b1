/* SPDX-License-Identifier: Apache-2.0 */
#include "core/exec_id.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

static const struct {
    const char *text;
    struct exec_id id;
} good[] = {
    {"ORG_4729", {4729, {0, 0}, 0}},
    {"ORG_0001", {1, {0, 0}, 0}},
    {"ORG_4294967295", {UINT32_MAX, {0, 0}, 0}},
    {"ORG_4729.1", {4729, {1, 0}, 1}},
    {"ORG_4729.12.3", {4729, {12, 3}, 2}},
    {"ORG_4729.4294967295.4294967295", {4729, {UINT32_MAX, UINT32_MAX}, 2}},
};

Test(exec_id, reads_and_writes_each_form)
{
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct exec_id id;
        char out[EXEC_ID_TEXT_MAX];
        AUTO_FAULT f = {0};

        cr_expect_eq(exec_id_parse(good[i].text, &id, &f), 0, "%s", good[i].text);
        cr_expect(exec_id_same(id, good[i].id), "%s", good[i].text);
        exec_id_format(good[i].id, out);
        cr_expect_str_eq(out, good[i].text);
    }
}

static const struct {
    const char *text, *why;
} bad[] = {
    {"", "does not start with ORG_"},
    {"org_4729", "does not start with ORG_"},
    {"ORG_", "four or more digits"},
    {"ORG_472", "four or more digits"},
    {"ORG_-4729", "four or more digits"},
    {"ORG_4294967296", "up to 4294967295"},
    {"ORG_99999999999999999999999", "up to 4294967295"},
    {"ORG_4729.", "a number from 1"},
    {"ORG_4729.0", "a number from 1"},
    {"ORG_4729.01", "a number from 1"},
    {"ORG_4729.x", "a number from 1"},
    {"ORG_4729..1", "a number from 1"},
    {"ORG_4729.4294967296", "a number from 1"},
    {"ORG_4729.1.1.1", "three or more dots"},
    {"ORG_4729.1.1.", "a number from 1"},
    {"ORG_4729.1.2.3.4", "three or more dots"},
    {"ORG_4729 ", "something follows"},
    {"ORG_4729.1a", "something follows"},
};

Test(exec_id, refuses_with_a_reason)
{
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct exec_id id = {.root = 7};
        AUTO_FAULT f = {0};

        cr_expect_eq(exec_id_parse(bad[i].text, &id, &f), -FAULT_USAGE, "%s", bad[i].text);
        cr_expect(f.message && strstr(f.message, bad[i].why), "%s: %s", bad[i].text, f.message);
        cr_expect_not_null(f.hint);
        cr_expect_eq(id.root, 7, "a failure writes nothing");
    }
}

Test(exec_id, writes_no_more_than_depth_two)
{
    struct exec_id id = {.root = UINT32_MAX, .part = {UINT32_MAX, UINT32_MAX}, .depth = 9};
    char out[EXEC_ID_TEXT_MAX];

    exec_id_format(id, out);
    cr_assert_str_eq(out, "ORG_4294967295.4294967295.4294967295");
}

Test(exec_id, makes_children)
{
    struct exec_id root = exec_id_root(4729);
    struct exec_id child = exec_id_child(root, 3);
    struct exec_id cleanup = exec_id_child(child, 1);
    char out[EXEC_ID_TEXT_MAX];

    exec_id_format(cleanup, out);
    cr_assert_str_eq(out, "ORG_4729.3.1");
    cr_assert_eq(root.depth, 0);
    cr_assert_eq(child.depth, 1);
    cr_assert_eq(cleanup.depth, 2);
}

Test(exec_id, never_goes_below_depth_two, .signal = SIGABRT)
{
    struct exec_id id = {.root = 4729, .part = {1, 1}, .depth = 2};

    (void)exec_id_child(id, 1);
}

Test(exec_id, compares_what_counts)
{
    struct exec_id a = {.root = 4729, .part = {1, 99}, .depth = 1};
    struct exec_id b = {.root = 4729, .part = {1, 7}, .depth = 1};

    cr_assert(exec_id_same(a, b), "parts beyond the depth do not count");
    b.depth = 2;
    cr_assert_not(exec_id_same(a, b));
    b.depth = 1;
    b.part[0] = 2;
    cr_assert_not(exec_id_same(a, b));
    b.part[0] = 1;
    b.root = 1;
    cr_assert_not(exec_id_same(a, b));
}

static const struct {
    const char *text;
    int length; /* below 0: a fault */
    uint32_t depth;
} tags[] = {
    {"fix it", 0, 0},
    {"", 0, 0},
    {"fix [EXEC_ID: ORG_4729]", 0, 0},
    {"[EXEC_ID: ORG_4729] fix", 20, 0},
    {"[EXEC_ID: ORG_4729.1]\nfix", 22, 1},
    {"  [EXEC_ID:\tORG_4729.1.1 ]\r\n\tx", 29, 2},
    {"[EXEC_ID: ORG_4729.1.1.1] x", -FAULT_USAGE, 0},
    {"[EXEC_ID: ORG_47] x", -FAULT_USAGE, 0},
    {"[EXEC_ID: ORG_4729 x", -FAULT_USAGE, 0},
    {"[EXEC_ID: ORG_4729\n]", -FAULT_USAGE, 0},
    {"[EXEC_ID:", -FAULT_USAGE, 0},
    {"[EXEC_ID:]", -FAULT_USAGE, 0},
};

Test(exec_id, finds_a_tag_at_the_head)
{
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        struct exec_id id = {0};
        AUTO_FAULT f = {0};
        int n = exec_id_tag(tags[i].text, &id, &f);

        cr_expect_eq(n, tags[i].length, "%s: %d", tags[i].text, n);
        cr_expect_eq(n < 0, f.code != FAULT_NONE, "%s", tags[i].text);
        if (n > 0)
            cr_expect(id.root == 4729 && id.depth == tags[i].depth, "%s", tags[i].text);
    }
}
