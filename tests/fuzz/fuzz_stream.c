/* SPDX-License-Identifier: Apache-2.0 */
/* The output of an agent program: the first byte picks the driver that is compiled in, the second
 * where the bytes are cut in two. However they are cut, the same is read. */
#include "agent/driver.h"

#include <stdint.h>
#include <string.h>

static const struct driver *pick(uint8_t byte)
{
    size_t count = 0;

    while (driver_builtin(count))
        count++;
    return driver_builtin(byte % count);
}

static void read_in_two(const struct driver *d, const char *bytes, size_t length, size_t cut,
                        struct reading *ret)
{
    struct reading_exit exit = {.stderr_tail = ""};

    reading_begin(ret, d->reader, d->config);
    reading_feed(ret, bytes, cut);
    reading_feed(ret, bytes + cut, length - cut);
    reading_end(ret, &exit);
}

static void check(const struct reading *r)
{
    if (r->error == ERROR_NONE && !r->final)
        bug("a stream without its end is a success");
    if (r->error != ERROR_NONE && !r->message.length && !r->final)
        bug("nobody says why");
    if (r->used.input < 0 || r->used.cached < 0 || r->used.output < 0 || r->used.reasoning < 0 ||
        r->context_tokens < 0 || r->context_window < 0 || r->retry_after_ms < 0)
        bug("less than nothing was counted");
    if (strpbrk(text_get(&r->message), "\r\n") || strpbrk(text_get(&r->activity), "\r\n"))
        bug("more than one line");
}

static void check_same(const struct reading *a, const struct reading *b)
{
    if (a->error != b->error || a->final != b->final || a->tool_calls != b->tool_calls ||
        a->denied != b->denied || a->used.input != b->used.input || !!a->answer != !!b->answer ||
        strcmp(text_get(&a->text), text_get(&b->text)) != 0 ||
        strcmp(text_get(&a->message), text_get(&b->message)) != 0)
        bug("a cut changes what is read");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct session_use none;
    AUTO_ARENA arena = {0};
    AUTO_READING whole, cut;
    struct outcome outcome = {0};

    if (size < 2) {
        whole = cut = (struct reading){0};
        return 0;
    }
    const struct driver *d = pick(data[0]);
    const char *bytes = (const char *)data + 2;
    read_in_two(d, bytes, size - 2, size - 2, &whole);
    read_in_two(d, bytes, size - 2, (size - 2) * data[1] / 256, &cut);
    check(&whole);
    check_same(&whole, &cut);
    reading_outcome(&whole, &none, &arena, &outcome);
    return 0;
}
