/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/findings.h"

#include <string.h>

enum { TITLE_BYTES = 160, REASON_BYTES = 160 };

/* As recipes/README.md has them, and last what has none of these words. */
static const char *const severities[] = {"high", "medium", "low", "info"};

static size_t severity_of(const json_t *finding)
{
    const char *word = json_get_string(finding, "severity", "");

    for (size_t i = 0; i < COUNT_OF(severities); i++)
        if (strcmp(word, severities[i]) == 0)
            return i;
    return COUNT_OF(severities);
}

static void add_cut(struct text *line, const char *s, size_t max)
{
    size_t length = strlen(s);

    if (length > max)
        length = text_utf8_valid(s, max);
    for (size_t i = 0; i < length; i++)
        text_add_char(line, (unsigned char)s[i] < ' ' ? ' ' : s[i]);
    if (s[length])
        text_add(line, "...");
}

static void add_finding(struct text *line, const json_t *finding, size_t severity)
{
    const char *file = json_get_string(finding, "file", "");
    const char *reason = json_get_string(finding, "reason", "");
    int64_t number = json_get_int(finding, "line", 0);

    text_printf(line, "- %s: ", severity < COUNT_OF(severities) ? severities[severity] : "note");
    if (*file) {
        add_cut(line, file, TITLE_BYTES);
        if (number > 0)
            text_printf(line, ":%lld", (long long)number);
        text_add(line, ": ");
    }
    add_cut(line, json_get_string(finding, "title", json_get_string(finding, "summary", "")),
            TITLE_BYTES);
    if (*reason) {
        text_add(line, " - ");
        add_cut(line, reason, REASON_BYTES);
    }
    text_add_char(line, '\n');
}

void findings_digest(const json_t *findings, size_t max_bytes, struct text *out)
{
    size_t room = max_bytes, left_out = 0;

    for (size_t severity = 0; severity <= COUNT_OF(severities); severity++) {
        const json_t *finding;
        size_t i;
        json_array_foreach (findings, i, finding) {
            AUTO_TEXT line = {0};
            if (severity_of(finding) != severity)
                continue;
            add_finding(&line, finding, severity);
            if (left_out || line.length > room) {
                left_out++;
                continue;
            }
            text_add_n(out, text_get(&line), line.length);
            room -= line.length;
        }
    }
    if (left_out)
        text_printf(out, "- and %zu more\n", left_out);
}
