/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver file and what its program prints, with a line "%%" between them: the file is read or
 * refused with a place and a hint, and any output is understood somehow.
 */
#include "agent/custom.h"
#include "agent/driver.h"

#include <string.h>

/* libfyaml 0.7.12 itself loses a buffer for a scalar of some forty quotes and more. The unit tests
 * run without this, so that leaks of ours are seen there. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so\n";
}

static void read_output(const struct driver *d, const char *output, size_t length)
{
    AUTO_READING r;

    reading_begin(&r, d->reader, d->config);
    for (size_t at = 0; at < length; at += 5)
        reading_feed(&r, output + at, length - at < 5 ? length - at : 5);
    reading_end(&r, &(struct reading_exit){.exit_code = (int)(length % 3), .stderr_tail = output});
    if (r.used.input < 0 || r.used.output < 0 || r.text.length > READING_TEXT_MAX)
        bug("a reading without measure");
    if (r.error == ERROR_NONE && !r.final)
        bug("success without a last word");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = "\n%%\n";
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    const char *found = strstr(text, mark);
    size_t length = found ? (size_t)(found + 1 - text) : size;
    AUTO_FREE char *yaml = mem_string_n(text, length);
    struct custom custom;

    if (custom_parse(&(struct source){yaml, length, "d.yaml"}, &a, &custom, &f) == 0) {
        const char *output = found ? found + strlen(mark) : "";
        read_output(custom_driver(&custom, &a), output, strlen(output));
    } else if (!f.message || !f.line || !f.column) {
        bug("a fault without a place: %s", f.message);
    }
    return 0;
}
