/* SPDX-License-Identifier: Apache-2.0 */
#include "git/paths.h"

#include <criterion/criterion.h>
#include <string.h>

static struct paths list_of(const char *words, size_t length)
{
    struct text t = {.data = (char *)words, .length = length};
    struct paths list = {0};

    paths_add_nul(&list, &t);
    return list;
}
#define LIST(words) list_of(words, sizeof words - 1)

Test(paths, splits_sorts_and_drops_doubles)
{
    AUTO_PATHS list = LIST("b\0a\0\0b\0c\nd\0");

    paths_sort(&list);
    cr_assert_eq(list.count, 3);
    cr_expect_str_eq(list.at[0], "a");
    cr_expect_str_eq(list.at[2], "c\nd");
    cr_expect(paths_has(&list, "b"));
    cr_expect(!paths_has(&list, "d"));
}

Test(paths, covers_what_lies_below)
{
    AUTO_PATHS list = LIST("node_modules\0src/gen\0");

    paths_sort(&list);
    cr_expect(paths_covers(&list, "node_modules/a/b"));
    cr_expect(paths_covers(&list, "src/gen"));
    cr_expect(!paths_covers(&list, "src"));
    cr_expect(!paths_covers(&list, "src/generated"));
}

Test(paths, difference)
{
    AUTO_PATHS a = LIST("a\0b\0d\0"), b = LIST("b\0c\0d\0"), only = {0};

    paths_minus(&a, &b, &only);
    cr_assert_eq(only.count, 1);
    cr_expect_str_eq(only.at[0], "a");
}

Test(paths, quotes_as_git_reads_lines)
{
    AUTO_TEXT line = {0};

    path_quote_line(&line, "a\n\"\\\xff z");
    cr_expect_str_eq(text_get(&line), "\"a\\012\\042\\134\\377 z\"\n");
}
