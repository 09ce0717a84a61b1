/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of all programs have in common beside the text and the error. */
#include "agent/reading.h"

#include <string.h>

/* A trillion tokens: a million sums of it are still an int64_t. */
static const int64_t count_max = 1000 * 1000 * (int64_t)1000 * 1000;

int64_t reading_count(const json_t *event, const char *path)
{
    const json_t *found = json_at(event, path);
    double value = json_number_value(found);

    if (!json_is_number(found) || !(value > 0))
        return 0;
    return value < (double)count_max ? (int64_t)value : count_max;
}

void tokens_add(struct token_counts *sum, const struct token_counts *more)
{
    sum->input += more->input;
    sum->cached += more->cached;
    sum->output += more->output;
    sum->reasoning += more->reasoning;
}

void tokens_take(struct token_counts *sum, const struct token_counts *less)
{
    sum->input -= less->input;
    sum->cached -= less->cached;
    sum->output -= less->output;
    sum->reasoning -= less->reasoning;
}

void reading_costs(struct reading *r, double usd)
{
    if (usd >= 0)
        r->usd = (r->usd < 0 ? 0 : r->usd) + usd;
}

/* What a person needs of it: the message inside of the JSON that a program passes on as it is. */
static char *find_plain_message(const char *message)
{
    AUTO_FAULT ignored = {0};
    json_auto_t *body = NULL;
    const char *begin = strchr(message, '{');
    const char *end = strrchr(message, '}');

    if (begin && end > begin)
        (void)!json_parse(begin, (size_t)(end + 1 - begin), "message", &body, &ignored);
    const char *inside = json_at_string(body, "error.message", json_at_string(body, "message", ""));
    return mem_string(*inside ? inside : message);
}

void reading_fails_by(struct reading *r, int status, const char *message)
{
    AUTO_FREE char *plain = find_plain_message(message);
    int64_t wait = reading_retry_after_ms(message);

    if (wait)
        r->retry_after_ms = wait;
    reading_fails(r, reading_classify(status, message), plain);
}

void reading_waits(struct reading *r, int status, const char *message, int64_t delay_ms)
{
    reading_does(r, "waits:", message);
    r->limited = true;
    r->limit = reading_classify(status, message);
    if (r->limit == ERROR_FAILED)
        r->limit = ERROR_TRANSIENT; /* or the program would not try again */
    r->retry_after_ms = delay_ms ? delay_ms : reading_retry_after_ms(message);
}

void reading_goes_on(struct reading *r)
{
    if (!r->limited)
        return;
    r->limited = false;
    r->retry_after_ms = 0;
}

void reading_exits(struct reading *r, const struct reading_exit *exit)
{
    AUTO_TEXT message = {0};

    if (!r->final || exit->exit_code <= 0)
        return;
    text_printf(&message, "it ended with exit status %d", exit->exit_code);
    reading_fails(r, ERROR_FAILED, message.data);
}

/* The most telling first. */
static const char *const detail_keys[] = {
    "file_path", "filePath", "path",        "command",       "pattern",  "query",
    "url",       "skill",    "description", "subagent_type", "dir_path", "prompt",
};

static const char *find_detail(const json_t *input)
{
    for (size_t i = 0; i < COUNT_OF(detail_keys); i++) {
        const char *s = json_at_string(input, detail_keys[i], "");
        if (*s)
            return s;
    }
    return "";
}

void reading_called(struct reading *r, bool denied)
{
    if (denied)
        r->denied++;
    else
        r->tool_calls++;
}

const char *reading_below_work(const struct reading *r, const char *path)
{
    size_t length = r->work ? strlen(r->work) : 0;

    return length && strncmp(path, r->work, length) == 0 && path[length] == '/' ? path + length + 1
                                                                                : path;
}

void reading_calls(struct reading *r, const char *tool, const json_t *input)
{
    reading_does(r, tool, reading_below_work(r, find_detail(input)));
}

void reading_take(struct reading *r, const json_t *event, const char *type,
                  const struct reading_event *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].type, type) == 0) {
            rows[i].take(r, event);
            return;
        }
}

const char *reading_last_line(const char *log)
{
    const char *last = "";

    for (const char *line = log; *line;) {
        size_t length = strcspn(line, "\n");
        if (strspn(line, " \t\r") < length)
            last = line;
        line += length + (line[length] == '\n');
    }
    return last;
}
