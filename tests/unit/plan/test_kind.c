/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/kind.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(kind, by_name_or_by_being_there)
{
    const char *tmp = getenv("TMPDIR");
    AUTO_FREE char *root = text_format("%s/kelp-kind-XXXXXX", tmp ? tmp : "/tmp");
    AUTO_FAULT f = {0};

    cr_expect_eq(plan_file_kind("Fix the login"), PLAN_FILE_NONE);
    cr_expect_eq(plan_file_kind("gone.yaml"), PLAN_FILE_YAML);
    cr_expect_eq(plan_file_kind("gone.yml"), PLAN_FILE_YAML);
    cr_expect_eq(plan_file_kind("missions/a.md"), PLAN_FILE_MISSION);
    cr_expect_eq(plan_file_kind(""), PLAN_FILE_NONE);
    cr_assert_not_null(mkdtemp(root));
    AUTO_FREE char *path = os_path(root, "plan");
    cr_expect_eq(plan_file_kind(root), PLAN_FILE_NONE);
    cr_expect_eq(plan_file_kind(path), PLAN_FILE_NONE);
    cr_assert_eq(os_write_file(path, "x", 1, 0600, &f), 0);
    cr_expect_eq(plan_file_kind(path), PLAN_FILE_YAML);
    cr_assert_eq(os_remove_tree(root, &f), 0);
}
