/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign JSON, such as the results of agents: parsed or refused with a place, never else. What was
 * parsed is written and parsed again to the same value. */
#include "base/json.h"

#include <string.h>

static void check_round_trip(const json_t *value)
{
    AUTO_FAULT fault = {0};
    AUTO_FREE char *written = json_text(value, 0);
    json_auto_t *again = NULL;

    if (json_parse(written, strlen(written), "again", &again, &fault) < 0)
        bug("what was written does not parse: %s", fault.message);
    if (!json_equal(value, again))
        bug("JSON changed on its way: %s", written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FAULT fault = {0};
    AUTO_FAULT still = {0};
    json_auto_t *value = NULL;
    json_auto_t *mended = NULL;
    json_auto_t *lossy = json_lossy_string((const char *)data, size);

    if (!json_is_string(lossy))
        bug("bytes did not become a string");
    if (json_parse((const char *)data, size, "input", &value, &fault) == 0)
        check_round_trip(value);
    else if (!fault.line || !fault.column)
        bug("a fault without a place: %s", fault.message);
    if (json_parse_lossy((const char *)data, size, "input", &mended, &still) == 0)
        check_round_trip(mended);
    return 0;
}
