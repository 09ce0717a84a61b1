/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include "base/escape.h"
#include "base/os.h"

#include <string.h>

char *report_json(const json_t *report)
{
    enum { DIGITS = 15 }; /* 0.1 stays 0.1 */
    char *s = json_dumps(report, JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS));

    if (!s)
        bug("a report that cannot be written");
    AUTO_FREE char *dumped = s;
    struct text shown = {0};
    escape_add_json(&shown, dumped, strlen(dumped));
    text_add_char(&shown, '\n');
    return text_take(&shown);
}

static const struct {
    const char *name;
    char *(*make)(const json_t *report);
} files[] = {
    {"report.md", report_markdown},
    {"report.html", report_html},
    {"report.json", report_json}, /* last: who sees it finds the others too */
};

int report_write(const char *run_dir, const json_t *report, struct fault *f)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(files); i++) {
        AUTO_FREE char *path = os_path(run_dir, files[i].name);
        AUTO_FREE char *text = files[i].make(report);
        r = os_write_file(path, text, strlen(text), 0644, f);
    }
    return r;
}
