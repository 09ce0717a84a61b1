/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "base/cells.h"
#include "base/escape.h"
#include "base/vector.h"

#include <string.h>

struct cell {
    char *text; /* owned, escaped */
    enum output_style style;
};

struct table {
    const struct table_column *columns;
    size_t column_count;
    size_t *widths;
    VECTOR(struct cell) cells;
};

struct table *table_new(const struct table_column *columns, size_t count)
{
    struct table *table = MEM_NEW(struct table);

    table->columns = columns;
    table->column_count = count;
    table->widths = mem_zero(count * sizeof *table->widths);
    for (size_t i = 0; i < count; i++)
        table->widths[i] = cells_count(columns[i].title, strlen(columns[i].title));
    return table;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->cells.count; i++)
        free(table->cells.at[i].text);
    vector_free(&table->cells);
    free(table->widths);
    free(table);
}

void table_add(struct table *table, enum output_style style, const char *format, ...)
{
    size_t column = table->cells.count % table->column_count;
    size_t most = table->columns[column].most_cells;
    AUTO_TEXT cut = {0};
    va_list args;

    va_start(args, format);
    AUTO_FREE char *raw = text_vformat(format, args);
    va_end(args);
    AUTO_FREE char *safe = escape_line(raw);
    size_t width = cells_add_cut(&cut, safe, most ? most : SIZE_MAX);
    if (width > table->widths[column])
        table->widths[column] = width;
    vector_push(&table->cells, (struct cell){.text = text_take(&cut), .style = style});
}

static void add_spaces(struct text *t, size_t count)
{
    while (count--)
        text_add_char(t, ' ');
}

static void add_cell(const struct table *table, struct text *line, size_t column,
                     const struct cell *cell, bool color)
{
    size_t space = table->widths[column] - cells_count(cell->text, strlen(cell->text));
    bool last = column + 1 == table->column_count;

    if (column)
        text_add(line, "  ");
    if (table->columns[column].right)
        add_spaces(line, space);
    output_add_styled(line, color, cell->style, cell->text);
    if (!table->columns[column].right && !last)
        add_spaces(line, space);
}

void table_print(const struct table *table, FILE *stream, bool color)
{
    AUTO_TEXT lines = {0};

    if (!table->cells.count)
        return;
    for (size_t i = 0; i < table->column_count; i++) {
        struct cell title = {.text = (char *)table->columns[i].title, .style = STYLE_BOLD};
        add_cell(table, &lines, i, &title, color);
    }
    for (size_t i = 0, column = 0; i < table->cells.count; i++) {
        if (column == 0)
            text_add_char(&lines, '\n');
        add_cell(table, &lines, column, &table->cells.at[i], color);
        column = column + 1 < table->column_count ? column + 1 : 0;
    }
    text_add_char(&lines, '\n');
    (void)fwrite(lines.data, 1, lines.length, stream); /* output_finish reports a failure */
}
