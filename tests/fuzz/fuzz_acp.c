/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent says over ACP, a frame a line; a line "!" is the order to stop. Whatever it is,
 * both sides are told whole lines of JSON, kelp's are understood, and a conversation that is over
 * was ended once.
 */
#include "acp/dialogue.h"
#include "agent/kelp_stream.h"

#include <string.h>

static void take_line(struct dialogue *d, const char *line, size_t length)
{
    AUTO_FAULT f = {0};
    json_t *frame = NULL;

    if (length == 1 && *line == '!')
        dialogue_cancel(d);
    else if (json_parse(line, length, "frame", &frame, &f) == 0 && json_is_object(frame))
        dialogue_take(d, frame);
    json_decref(frame);
}

static size_t count_ends(const struct text *lines)
{
    size_t ends = 0;

    for (const char *at = text_get(lines); *at;) {
        size_t length = strcspn(at, "\n");
        AUTO_FAULT f = {0};
        json_t *value = NULL;
        if (!at[length] || json_parse(at, length, "line", &value, &f) < 0)
            bug("no line of JSON: %.*s", (int)length, at);
        ends += strcmp(json_get_string(value, "type", ""), "end") == 0;
        json_decref(value);
        at += length + 1;
    }
    return ends;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dialogue_options options = {.cwd = "/w",
                                             .prompt = "do it",
                                             .session = size % 3 ? "" : "old",
                                             .mode = size % 2 ? "" : "yolo",
                                             .model = size % 5 ? "" : "m",
                                             .read_only = size % 7 == 0,
                                             .usage = (enum dialogue_usage)(size % 3)};
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    AUTO_DIALOGUE d;
    AUTO_READING r;

    dialogue_begin(&d, &options);
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
        take_line(&d, at, strcspn(at, "\n"));
    (void)count_ends(&d.out);
    if (count_ends(&d.events) != (d.step == DIALOGUE_OVER))
        bug("the end was told too often, or not");
    reading_begin(&r, &kelp_reader, NULL);
    reading_feed(&r, text_get(&d.events), d.events.length);
    reading_end(&r, &(struct reading_exit){.exit_code = d.failed, .stderr_tail = ""});
    if (r.used.input < 0 || r.used.output < 0 ||
        (r.error == ERROR_NONE) != (d.step == DIALOGUE_OVER && !d.failed))
        bug("kelp understands something else: %s", text_get(&r.message));
    return 0;
}
