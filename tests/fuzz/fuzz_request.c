/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine sends to its keeper: requests one after the other. Each is read or refused; what
 * was read is written to bytes that read as the same again. */
#include "process/request.h"

#include <stdint.h>
#include <string.h>

static void check_round_trip(const struct request *request)
{
    AUTO_ARENA arena = {0};
    AUTO_TEXT first = {0};
    AUTO_TEXT second = {0};
    struct request again;

    request_add(&first, request);
    if (request_read(first.data, first.length, &arena, &again) != (int)first.length)
        bug("what was written does not read");
    request_add(&second, &again);
    if (second.length != first.length || memcmp(first.data, second.data, first.length) != 0)
        bug("a request changed on its way");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data;
    int n = 1;

    while (n > 0) {
        AUTO_ARENA arena = {0};
        struct request request;
        n = request_read(at, size, &arena, &request);
        if (n <= 0)
            break;
        check_round_trip(&request);
        at += n;
        size -= (size_t)n;
    }
    return 0;
}
