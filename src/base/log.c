/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/text.h"

static const char *const level_words[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

void log_write(struct log *log, enum log_level level, const char *format, ...)
{
    AUTO_TEXT line = {0};
    va_list args;
    char when[21] = "";

    if (!log->stream || level > log->level)
        return;
    va_start(args, format);
    AUTO_FREE char *message = text_vformat(format, args);
    va_end(args);
    if (log->clock)
        clock_format_utc(clock_now_ms(log->clock), when);
    text_printf(&line, "%s %s ", when, level_words[level]);
    for (const char *p = message; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7F)
            text_printf(&line, "\\x%02x", c);
        else
            text_add_char(&line, *p);
    }
    text_add_char(&line, '\n');
    (void)fwrite(line.data, 1, line.length, log->stream); /* nowhere left to report it */
    (void)fflush(log->stream);
}
