/* SPDX-License-Identifier: Apache-2.0 */
#include "base/size.h"

#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { UNIT_BITS = 10 };

static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};

/* No unit is bytes. */
static bool unit_of(const char *s, size_t *ret_unit)
{
    s += strspn(s, " ");
    *ret_unit = 0;
    for (size_t i = 0; *s && i < COUNT_OF(units); i++)
        if (strcmp(s, units[i]) == 0) {
            *ret_unit = i;
            return true;
        }
    return !*s;
}

bool size_parse(const char *s, int64_t min, int64_t max, int64_t *ret)
{
    size_t digits = strspn(s, "0123456789."), unit;
    AUTO_FREE char *word = mem_string_n(s, digits);
    double number;

    if (!text_to_double(word, &number) || !unit_of(s + digits, &unit))
        return false;
    double bytes = ldexp(number, UNIT_BITS * (int)unit);
    if (bytes != floor(bytes) || bytes < (double)min || bytes > (double)max)
        return false;
    *ret = (int64_t)bytes;
    return true;
}

char *size_text(uint64_t bytes)
{
    size_t unit = 0;

    while (bytes && bytes % 1024 == 0 && unit + 1 < COUNT_OF(units)) {
        bytes /= 1024;
        unit++;
    }
    return text_format("%" PRIu64 " %s", bytes, units[unit]);
}
