/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/reading.h"

#include <ctype.h>
#include <string.h>

enum { MESSAGE_MAX = 400 };

void reading_begin(struct reading *r, const struct stream_reader *reader, const void *config)
{
    *r = (struct reading){.reader = reader, .config = config, .usd = -1};
    if (reader->begin)
        reader->begin(r, config);
}

void reading_free(struct reading *r)
{
    text_free(&r->text);
    text_free(&r->activity);
    text_free(&r->message);
    text_free(&r->line);
    free(r->session);
    free(r->model);
    free(r->state);
    json_decref(r->answer);
    r->session = r->model = NULL;
    r->answer = NULL;
    r->state = NULL;
}

static void take_line(struct reading *r, const char *line, size_t length)
{
    AUTO_FAULT ignored = {0};
    json_t *event = NULL;

    while (length && strchr(" \t\r", line[length - 1]))
        length--;
    if (!length)
        return;
    if (line[0] == '{')
        (void)!json_parse_lossy(line, length, "line", &event, &ignored); /* else it is plain text */
    if (json_is_object(event))
        r->reader->event(r, event);
    else if (r->reader->plain)
        r->reader->plain(r, line, length);
    json_decref(event);
}

static void end_line(struct reading *r)
{
    if (r->skipping)
        r->long_lines++;
    else if (r->line.length)
        take_line(r, text_get(&r->line), r->line.length);
    r->skipping = false;
    r->line.length = 0;
}

static void add_to_line(struct reading *r, const char *bytes, size_t length)
{
    if (r->skipping || r->line.length + length > READING_LINE_MAX) {
        r->skipping = true;
        r->line.length = 0;
        return;
    }
    text_add_n(&r->line, bytes, length);
}

void reading_feed(struct reading *r, const char *bytes, size_t length)
{
    while (length) {
        const char *end = memchr(bytes, '\n', length);
        size_t part = end ? (size_t)(end - bytes) : length;
        add_to_line(r, bytes, part);
        if (end)
            end_line(r);
        part += end != NULL;
        bytes += part;
        length -= part;
    }
}

/* The last line of standard error that says what kind of failure it was, or else its last line that
 * is not indented, as the frames of a stack are. */
static void blame_stderr(struct reading *r, const struct reading_exit *exit)
{
    AUTO_TEXT last = {0};
    AUTO_TEXT line = {0};
    enum attempt_error error = ERROR_CRASH;

    for (const char *s = exit->stderr_tail; *s; s += strcspn(s, "\n"), s += *s == '\n') {
        text_clear(&line);
        text_add_n(&line, s, strcspn(s, "\r\n"));
        enum attempt_error found = reading_classify(0, text_get(&line));
        if (!line.length || isspace((unsigned char)line.data[0]))
            continue;
        if (found == ERROR_FAILED && error != ERROR_CRASH)
            continue;
        error = found == ERROR_FAILED ? ERROR_CRASH : found;
        text_clear(&last);
        text_add_n(&last, line.data, line.length);
    }
    if (error != ERROR_CRASH)
        r->retry_after_ms = reading_retry_after_ms(text_get(&last));
    reading_fails(r, error, last.length ? last.data : "its output ended before its last word");
}

static void end_from_outside(struct reading *r, const struct reading_exit *exit)
{
    AUTO_TEXT message = {0};

    if (exit->signal)
        text_printf(&message, "it was ended by signal %d", exit->signal);
    else
        text_add(&message, "nobody saw its end");
    reading_fails(r, ERROR_CRASH, message.data);
}

static void end_waiting(struct reading *r)
{
    AUTO_TEXT message = {0};

    text_printf(&message, "it ended while it %s", text_get(&r->activity));
    reading_fails(r, r->limit, message.data);
}

/* The message as one JSON object, whose fence of Markdown is passed over. */
static void find_answer(struct reading *r)
{
    AUTO_FAULT ignored = {0};
    const char *begin = text_get(&r->text);
    const char *end = begin + r->text.length;
    json_t *found = NULL;

    while (end > begin && strchr(" \t\r\n`", end[-1]))
        end--;
    begin += strspn(begin, " \t\r\n`");
    begin += text_starts(begin, "json") ? strlen("json") : 0;
    begin += strspn(begin, " \t\r\n");
    if (begin < end && *begin == '{' &&
        json_parse(begin, (size_t)(end - begin), "answer", &found, &ignored) == 0)
        r->answer = found;
}

void reading_end(struct reading *r, const struct reading_exit *exit)
{
    end_line(r);
    if (!r->answer)
        find_answer(r);
    if (r->reader->end)
        r->reader->end(r, exit);
    if (!r->final && r->limited)
        end_waiting(r);
    if (r->error == ERROR_NONE && (exit->signal || exit->lost))
        end_from_outside(r, exit);
    if (r->error == ERROR_NONE && !r->final)
        blame_stderr(r, exit);
    r->limited = false;
}

void reading_set(char **slot, const char *value)
{
    if (!value || !*value)
        return;
    free(*slot);
    *slot = mem_string(value);
}

void reading_session(struct reading *r, const char *id)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.:/=+@";
    size_t length = id ? strlen(id) : 0;

    if (length && length <= READING_SESSION_MAX && *id != '-' && strspn(id, letters) == length)
        reading_set(&r->session, id);
}

static void bound(struct text *t, size_t most)
{
    if (t->length > most)
        text_cut(t, text_utf8_valid(text_get(t), most));
}

void reading_say(struct reading *r, const char *text)
{
    text_clear(&r->text);
    reading_say_more(r, text);
}

void reading_say_more(struct reading *r, const char *text)
{
    if (!text || !*text)
        return;
    r->spoke = true;
    reading_goes_on(r);
    text_add(&r->text, text);
    bound(&r->text, READING_TEXT_MAX);
}

/* The first line of it, without what would break a line of display. */
static void add_line_of(struct text *t, const char *s)
{
    for (; *s && *s != '\n' && *s != '\r'; s++)
        text_add_char(t, (unsigned char)*s < ' ' ? ' ' : *s);
}

void reading_does(struct reading *r, const char *tool, const char *detail)
{
    reading_goes_on(r);
    text_clear(&r->activity);
    add_line_of(&r->activity, tool ? tool : "");
    if (detail && *detail) {
        text_add_char(&r->activity, ' ');
        add_line_of(&r->activity, detail);
    }
    bound(&r->activity, READING_ACTIVITY_MAX);
}

void reading_fails(struct reading *r, enum attempt_error error, const char *message)
{
    if (r->error != ERROR_NONE && (r->error != ERROR_FAILED || error == ERROR_FAILED))
        return;
    r->error = error;
    text_clear(&r->message);
    add_line_of(&r->message, message ? message : "");
    bound(&r->message, MESSAGE_MAX);
}
