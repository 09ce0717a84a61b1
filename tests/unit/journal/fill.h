/* SPDX-License-Identifier: Apache-2.0 */
/* Structs filled by their record tables with values that differ everywhere, and compared deeply. */
#ifndef KELP_TESTS_JOURNAL_FILL_H
#define KELP_TESTS_JOURNAL_FILL_H

#include "journal/record.h"

/* Every field gets a value that is not its zero; `seed` makes two fillings differ. */
void fill_record(const struct record *record, struct arena *arena, unsigned *seed, void *to);
/* NULL when equal, else the name of the first field that differs. */
const char *differs(const struct record *record, const void *a, const void *b);
/* Bytes of the struct, or of one that it holds, that no field covers and that alignment does not
 * explain. */
size_t uncovered(const struct record *record);

#endif
