/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows in columns that line up, measured in terminal cells. Cells are escaped as they are added.
 *
 * Use: table_new, table_add once a column for each row, table_print, table_free.
 */
#ifndef KELP_CLI_TABLE_H
#define KELP_CLI_TABLE_H

#include "cli/output.h"

struct table_column {
    const char *title;
    bool right;        /* figures stand at the right */
    size_t most_cells; /* longer text is cut; 0 for no limit */
};

struct table;

/* Borrows the columns. */
struct table *table_new(const struct table_column *columns, size_t count);
void table_free(struct table *table);
/* The next cell of the row at hand; a full row begins the next one. */
void table_add(struct table *table, enum output_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Titles and rows; nothing at all for a table without rows. */
void table_print(const struct table *table, FILE *stream, bool color);

#endif
