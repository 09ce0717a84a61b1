/* SPDX-License-Identifier: Apache-2.0 */
/* `kelp logs` of an agent's stream: the first byte picks the driver, the second where the bytes are
 * cut. What is shown is UTF-8 that moves no cursor. */
#include "cli/stream_view.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct strings none = {0};
    struct redact nothing;
    AUTO_ARENA arena = {0};
    AUTO_TEXT out = {0};
    size_t count = 0;

    if (size < 2)
        return 0;
    while (driver_builtin(count))
        count++;
    redact_init(&nothing, &none, &arena);
    const char *bytes = (const char *)data + 2;
    size_t length = size - 2, cut = length * data[1] / 255;
    struct stream_view *v = stream_view_new(driver_builtin(data[0] % count), &nothing);

    stream_view_feed(v, bytes, cut, &out);
    stream_view_feed(v, bytes + cut, length - cut, &out);
    stream_view_free(v);
    for (size_t i = 0; i < out.length; i++)
        if ((unsigned char)out.data[i] < 0x20 && out.data[i] != '\n' && out.data[i] != '\t')
            bug("control character %d on a terminal", out.data[i]);
    if (text_utf8_valid(text_get(&out), out.length) != out.length)
        bug("a view that is not UTF-8");
    return 0;
}
