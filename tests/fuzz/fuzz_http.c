/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an endpoint's answer, line by line. A server may ask for a day of waiting at most. */
#include "model/http.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t day_ms = 24LL * 3600 * 1000;
    const char *at = (const char *)data, *end = at + size;
    struct http_reply reply = {0};

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = newline ? (size_t)(newline + 1 - at) : (size_t)(end - at);
        /* Of exactly its own bytes, as a sanitizer wants it. */
        AUTO_FREE char *line = mem_alloc(length);
        memcpy(line, at, length);
        http_read_header(&reply, line, length);
        if (reply.retry_after_ms < 0 || reply.retry_after_ms > day_ms)
            bug("wait for %lld ms", (long long)reply.retry_after_ms);
        at += length;
    }
    return 0;
}
