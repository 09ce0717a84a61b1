/* SPDX-License-Identifier: Apache-2.0 */
/* A row of a journal: three letters say which numbers it has ('j', 't', 'c', or '-'), then, on a
 * line each, its kind and its code, and its body. It is decoded or refused; what was decoded is
 * encoded to a row that decodes to the same. */
#include "journal/codec.h"

#include <string.h>

static char *next_line(char **rest)
{
    char *line = *rest, *end = strchr(line, '\n');

    *rest = end ? end + 1 : line + strlen(line);
    if (end)
        *end = '\0';
    return line;
}

static struct event_row parse_row(char *text)
{
    const char *has = next_line(&text);
    const char *kind = next_line(&text), *code = next_line(&text);

    return (struct event_row){
        .seq = 1,
        .at_ms = 2,
        .kind = kind,
        .job = strchr(has, 'j') ? 3 : -1,
        .timer = strchr(has, 't') ? 4 : -1,
        .child = strchr(has, 'c') ? 5 : -1,
        .code = *code ? code : NULL,
        .body = *text ? text : NULL,
        .body_length = strlen(text),
    };
}

static void check_round_trip(const struct event *e)
{
    AUTO_FAULT fault = {0};
    AUTO_ARENA arena = {0};
    AUTO_FREE char *first = NULL, *second = NULL;
    const struct decode_memory memory = {.event = &arena, .plan = &arena};
    struct event_row row, again;
    struct event back;

    event_encode(e, &row, &first);
    if (event_decode(&row, &memory, &back, &fault) < 0)
        bug("what was encoded does not decode: %s", fault.message);
    event_encode(&back, &again, &second);
    if (event_row_checksum(0, &row) != event_row_checksum(0, &again))
        bug("an event changed on its way: %s", first ? first : row.kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    AUTO_FAULT fault = {0};
    AUTO_ARENA arena = {0};
    const struct decode_memory memory = {.event = &arena, .plan = &arena};
    const struct event_row row = parse_row(text);
    struct event e;

    if (event_decode(&row, &memory, &e, &fault) == 0)
        check_round_trip(&e);
    else if (fault.code != FAULT_CORRUPT && fault.code != FAULT_NEWER)
        bug("refused for another reason: %s", fault.message);
    return 0;
}
