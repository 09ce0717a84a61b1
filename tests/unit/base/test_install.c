/* SPDX-License-Identifier: Apache-2.0 */
#include "base/install.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <string.h>

/* The test lies one folder below the build folder, which has kelp itself. */
Test(install, finds_a_companion_in_the_build_folder)
{
    AUTO_FAULT f = {0};
    AUTO_FREE char *program = NULL;
    AUTO_FREE char *data = NULL;

    cr_assert_eq(install_program("kelp", &program, &f), 0, "%s", f.message);
    cr_assert(os_exists(program));
    cr_assert_eq(install_data("meson-info", &data, &f), 0, "%s", f.message);
    cr_assert(os_is_dir(data));
}

Test(install, says_what_is_missing_and_where_it_looked)
{
    AUTO_FAULT f = {0};
    char *none = NULL;

    cr_assert_eq(install_program("kelp-none", &none, &f), -FAULT_ENVIRONMENT);
    cr_assert_null(none);
    cr_assert_not_null(strstr(f.message, "'kelp-none' is missing"));
    cr_assert_not_null(strstr(f.message, "libexec/kelp"));
    cr_assert_not_null(f.hint);
    fault_clear(&f);
    cr_assert_eq(install_data("none", &none, &f), -FAULT_ENVIRONMENT);
    cr_assert_not_null(strstr(f.message, "share/kelp"));
}
