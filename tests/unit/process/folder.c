/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include "base/arena.h"
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

/* What a test is handed lives as long as the test's process. */
static struct arena texts;

const char *folder_path(const char *folder, const char *name)
{
    return arena_format(&texts, "%s/%s", folder, name);
}

const char *folder_read(const char *folder, const char *name)
{
    AUTO_FAULT fault = {0};
    AUTO_TEXT text = {0};

    (void)!os_read_file(folder_path(folder, name), 64 << 20, &text, &fault);
    return arena_string_n(&texts, text_get(&text), text.length);
}

void folder_write(const char *folder, const char *name, const char *text)
{
    AUTO_FAULT fault = {0};
    AUTO_FREE char *path = os_path(folder, name);

    cr_assert_eq(os_write_file(path, text, strlen(text), 0600, &fault), 0, "%s", fault.message);
}
