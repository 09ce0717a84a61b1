/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own, removed with its scope: AUTO_TEMP_DIR char *dir = temp_dir_new(); */
#ifndef KELP_TESTS_TEMP_DIR_H
#define KELP_TESTS_TEMP_DIR_H

#include "base/os.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static inline char *temp_dir_new(void)
{
    const char *parent = getenv("TMPDIR");
    char *path = text_format("%s/kelp-test-XXXXXX", parent && *parent ? parent : "/tmp");

    cr_assert_not_null(mkdtemp(path), "cannot make '%s'", path);
    return path;
}

static inline void temp_dir_remove(char **path)
{
    AUTO_FAULT f = {0};

    cr_assert_eq(os_remove_tree(*path, &f), 0, "%s", f.message);
    free(*path);
}

#define AUTO_TEMP_DIR __attribute__((cleanup(temp_dir_remove)))

#endif
