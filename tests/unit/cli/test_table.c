/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const struct table_column columns[] = {
    {.title = "ID"},
    {.title = "MIN", .right = true},
    {.title = "TITLE", .most_cells = 8},
};

static char *printed(const struct table *table, bool color)
{
    char *data = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&data, &length);

    table_print(table, stream, color);
    fclose(stream);
    return data;
}

Test(table, lines_up_in_cells)
{
    struct table *table = table_new(columns, COUNT_OF(columns));

    table_add(table, STYLE_PLAIN, "ORG_1");
    table_add(table, STYLE_PLAIN, "%d", 5);
    table_add(table, STYLE_PLAIN, "\xE4\xB8\xAD\xE6\x96\x87");
    table_add(table, STYLE_PLAIN, "x");
    table_add(table, STYLE_PLAIN, "%d", 1200);
    table_add(table, STYLE_PLAIN, "much too long");
    char *text = printed(table, false);
    cr_assert_str_eq(text, "ID      MIN  TITLE\n"
                           "ORG_1     5  \xE4\xB8\xAD\xE6\x96\x87\n"
                           "x      1200  much to\xE2\x80\xA6\n");
    free(text);
    table_free(table);
}

Test(table, escapes_and_styles)
{
    struct table *table = table_new(columns, 1);

    table_add(table, STYLE_BAD, "a\033b");
    table_add(table, STYLE_PLAIN, "c");
    char *text = printed(table, true);
    cr_assert_str_eq(text, "\033[1mID\033[0m\n\033[31ma\\x1bb\033[0m\nc\n");
    free(text);
    table_free(table);
}

Test(table, without_rows_prints_nothing)
{
    struct table *table = table_new(columns, COUNT_OF(columns));
    char *text = printed(table, false);

    cr_assert_str_eq(text, "");
    free(text);
    table_free(table);
    table_free(NULL);
}
