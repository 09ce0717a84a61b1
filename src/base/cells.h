/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How wide text is on a terminal, in cells: most characters take one, East Asian wide ones and
 * emoji two, combining marks none. Text is expected to be one line and escaped (base/escape.h); a
 * broken byte counts as one cell. Does not depend on the locale.
 */
#ifndef KELP_BASE_CELLS_H
#define KELP_BASE_CELLS_H

#include "base/text.h"

size_t cells_count(const char *s, size_t length);
/* Appends `s` whole if it fits in `cells`, else as much as leaves room for an ellipsis. Returns the
 * cells that were used. */
size_t cells_add_cut(struct text *t, const char *s, size_t cells);
/* cells_add_cut, then spaces up to `cells`. */
void cells_add_padded(struct text *t, const char *s, size_t cells);

#endif
