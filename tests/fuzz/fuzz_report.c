/* SPDX-License-Identifier: Apache-2.0 */
/* A report.json of any origin: every form of it can be made, whatever is missing or of another
 * type, and no control character gets through. */
#include "report/report.h"

#include <string.h>

static void check(const json_t *report, char *(*make)(const json_t *report))
{
    AUTO_FREE char *text = make(report);

    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t')
            bug("control character %d in a report", *p);
    if (text_utf8_valid(text, strlen(text)) != strlen(text))
        bug("a report that is not UTF-8");
}

static void check_all(const json_t *report)
{
    check(report, report_markdown);
    check(report, report_html);
    check(report, report_junit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FAULT fault = {0}, missing = {0};
    json_auto_t *report = NULL, *child = NULL;

    if (json_parse((const char *)data, size, "input", &report, &fault) < 0)
        return 0;
    check_all(report);
    if (report_child(report, "ORG_4729.1", &child, &missing) == 0)
        check_all(child);
    return 0;
}
