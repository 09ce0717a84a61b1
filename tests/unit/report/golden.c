/* SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <string.h>

char *golden_path(const char *name)
{
    const char *source = getenv("KELP_TEST_SOURCE");

    return text_format("%s/tests/unit/report/golden/%s", source ? source : ".", name);
}

static size_t first_difference(const char *a, const char *b, size_t *ret_line)
{
    size_t i = 0;

    *ret_line = 1;
    for (; a[i] && a[i] == b[i]; i++)
        *ret_line += a[i] == '\n';
    while (i && a[i - 1] != '\n')
        i--;
    return i;
}

void golden_compare(const char *name, const char *text)
{
    AUTO_FREE char *path = golden_path(name);
    AUTO_TEXT wanted = {0};
    AUTO_FAULT f = {0};
    size_t line;

    if (getenv("KELP_UPDATE_GOLDEN")) {
        cr_assert_eq(os_write_file(path, text, strlen(text), 0644, &f), 0, "%s", f.message);
        return;
    }
    cr_assert_eq(os_read_file(path, 1 << 24, &wanted, &f), 0, "%s", f.message);
    size_t at = first_difference(text_get(&wanted), text, &line);
    cr_assert_str_eq(text, text_get(&wanted), "%s, line %zu\n  wanted: %.*s\n  got:    %.*s", name,
                     line, (int)strcspn(text_get(&wanted) + at, "\n"), text_get(&wanted) + at,
                     (int)strcspn(text + at, "\n"), text + at);
}

json_t *golden_json(const char *name)
{
    AUTO_FREE char *path = golden_path(name);
    AUTO_FAULT f = {0};
    json_t *json = NULL;

    cr_assert_eq(json_read_file(path, 1 << 24, &json, &f), 0, "%s", f.message);
    return json;
}
