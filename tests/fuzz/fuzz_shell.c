/* SPDX-License-Identifier: Apache-2.0 */
/* Any command, and a value wherever braces open in it, as a template does: up to the first place
 * that is unsafe each is of one kind, and that one says why. The end of a text is no place beyond
 * it. */
#include "core/shell_scan.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    AUTO_SHELL_SCAN scan = {.text = text};
    enum shell_kind kind = SHELL_PLAIN;
    const char *place = text;

    while (kind != SHELL_UNSAFE && (place = strstr(place, "{{")) != NULL) {
        const char *end = strstr(place, "}}");
        shell_scan_to(&scan, (size_t)(place - text));
        kind = shell_scan_kind(&scan);
        if ((kind == SHELL_UNSAFE) != (shell_scan_why(&scan) != NULL))
            bug("'%s' is %d without a reason", place, (int)kind);
        place = end ? end + 2 : place + 2;
        shell_scan_skip(&scan, (size_t)(place - text));
    }
    if (kind != SHELL_UNSAFE)
        shell_scan_to(&scan, strlen(text));
    return 0;
}
