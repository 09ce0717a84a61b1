/* SPDX-License-Identifier: Apache-2.0 */
/* A piece of a record file, as it is, and the same bytes as the fields of one record with a right
 * sum, which no mutation would hit. What was read is written to bytes that read as the same. */
#include "process/record.h"

#include <stdint.h>
#include <string.h>

static void check_round_trip(const struct record *record)
{
    AUTO_TEXT first = {0};
    AUTO_TEXT second = {0};
    struct record again;

    record_add(&first, record);
    if (record_read(first.data, first.length, &again) != (int)first.length)
        bug("what was written does not read");
    record_add(&second, &again);
    if (second.length != first.length || memcmp(first.data, second.data, first.length) != 0)
        bug("a record changed on its way");
}

static void read_all(const char *at, size_t left)
{
    struct record record;
    int n;

    while ((n = record_read(at, left, &record)) > 0) {
        check_round_trip(&record);
        at += n;
        left -= (size_t)n;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[RECORD_HEAD_BYTES] = {0};
    AUTO_TEXT sealed = {0};

    read_all((const char *)data, size);
    text_add_n(&sealed, head, sizeof head);
    text_add_n(&sealed, (const char *)data, size);
    record_seal(&sealed, 0);
    read_all(sealed.data, sealed.length);
    return 0;
}
