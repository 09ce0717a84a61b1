/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever comes in, the length stays, no secret is left, and a second time changes nothing. The
 * first byte says how long the secret is that the input begins with. */
#include "engine/redact.h"

#include "base/text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_ARENA a = {0};
    struct redact r;

    if (size < 2 || size - 1 < data[0])
        return 0;
    const char *value = arena_string_n(&a, (const char *)data + 1, data[0]);
    const struct strings values = {&value, 1};
    char *text = arena_string_n(&a, (const char *)data + 1, size - 1);
    size_t length = size - 1;

    redact_init(&r, &values, &a);
    (void)redact_bytes(&r, text, length);
    bool stars = strchr(value, '*') != NULL; /* stars may make it anew */
    if (!stars && strlen(value) >= REDACT_VALUE_MIN && memmem(text, length, value, strlen(value)))
        bug("a secret is left");
    char *again = arena_string_n(&a, text, length);
    (void)redact_bytes(&r, again, length);
    if (!stars && memcmp(text, again, length) != 0)
        bug("a second time changes something");
    return 0;
}
