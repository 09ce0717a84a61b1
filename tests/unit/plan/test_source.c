/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/source.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(source, places)
{
    static const char text[] = "ab\n\u00fcc\n";
    static const struct {
        size_t offset;
        unsigned line, column;
    } cases[] = {{0, 1, 1}, {2, 1, 3}, {3, 2, 1}, {5, 2, 2}, {7, 3, 1}, {1, 1, 2}};
    struct source_cursor cursor = {0};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct plan_place at = source_place(text, cases[i].offset, &cursor);
        cr_expect_eq(at.line, cases[i].line, "%zu", i);
        cr_expect_eq(at.column, cases[i].column, "%zu", i);
    }
}

Test(source, files)
{
    const char *tmp = getenv("TMPDIR");
    AUTO_FREE char *root = text_format("%s/kelp-source-XXXXXX", tmp ? tmp : "/tmp");
    AUTO_FAULT f = {0}, missing = {0}, large = {0}, folder = {0};
    AUTO_TEXT text = {0};

    cr_assert_not_null(mkdtemp(root));
    AUTO_FREE char *path = os_path(root, "plan.yaml");
    cr_expect_eq(source_read(path, 10, &text, &missing), -FAULT_NOT_FOUND);
    cr_expect_str_eq(missing.hint, "what ends in .yaml, .yml or .md is a file; end the text of a "
                                   "task with a full stop");
    cr_assert_eq(os_write_file(path, "0123456789", 10, 0600, &f), 0);
    cr_expect_eq(source_read(path, 9, &text, &large), -FAULT_LIMIT);
    cr_expect_not_null(large.hint);
    cr_expect_eq(source_read(path, 10, &text, &f), 0);
    cr_expect_str_eq(text.data, "0123456789");
    cr_expect_eq(source_read(root, 10, &text, &folder), -FAULT_USAGE);
    cr_assert_eq(os_remove_tree(root, &f), 0);
}

Test(source, bounds)
{
    AUTO_FAULT large = {0}, nul = {0};

    cr_expect_eq(source_check(&(struct source){"abc", 3, "f"}, 2, &large), -FAULT_LIMIT);
    cr_expect_str_eq(large.file, "f");
    cr_expect_eq(source_check(&(struct source){"a\nb\0c", 5, "f"}, 9, &nul), -FAULT_PLAN);
    cr_expect_eq(nul.line, 2);
    cr_expect_eq(nul.column, 2);
}
