/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever comes in, what goes out is valid UTF-8 without control characters, and fits its cell. */
#include "base/cells.h"
#include "base/escape.h"

static void check_clean(const struct text *t, bool block)
{
    if (text_utf8_valid(text_get(t), t->length) != t->length)
        bug("escaped text is not UTF-8");
    for (size_t i = 0; i < t->length; i++) {
        unsigned char c = (unsigned char)t->data[i];
        if ((c < 0x20 && !(block && (c == '\n' || c == '\t'))) || c == 0x7F)
            bug("control character %u came through", c);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_TEXT line = {0};
    AUTO_TEXT block = {0};
    AUTO_TEXT cell = {0};

    escape_add_line(&line, (const char *)data, size);
    check_clean(&line, false);
    escape_add_block(&block, (const char *)data, size);
    check_clean(&block, true);
    cells_add_padded(&cell, text_get(&line), 20);
    if (cells_count(text_get(&cell), cell.length) != 20)
        bug("a cell of 20 has %zu", cells_count(text_get(&cell), cell.length));
    return 0;
}
