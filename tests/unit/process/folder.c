/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <stdlib.h>

char *folder_make(void)
{
    const char *base = getenv("TMPDIR");
    char *folder = text_format("%s/kelp-process-XXXXXX", base ? base : "/tmp");

    cr_assert_not_null(mkdtemp(folder));
    return folder;
}

void folder_remove(char *folder)
{
    AUTO_FAULT fault = {0};

    cr_expect_eq(os_remove_tree(folder, &fault), 0, "%s", fault.message);
    free(folder);
}

char *folder_path(const char *folder, const char *name)
{
    return os_path(folder, name);
}

char *folder_read(const char *folder, const char *name)
{
    AUTO_FAULT fault = {0};
    AUTO_FREE char *path = os_path(folder, name);
    struct text text = {0};

    (void)!os_read_file(path, 64 << 20, &text, &fault);
    return text_take(&text);
}

void folder_write(const char *folder, const char *name, const char *text)
{
    AUTO_FAULT fault = {0};
    AUTO_FREE char *path = os_path(folder, name);

    cr_assert_eq(os_write_file(path, text, strlen(text), 0600, &fault), 0, "%s", fault.message);
}
