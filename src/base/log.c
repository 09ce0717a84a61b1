/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/escape.h"

#include <string.h>

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
    char when[21];

    if (!log->stream || level > log->level)
        return;
    va_start(args, format);
    AUTO_FREE char *message = text_vformat(format, args);
    va_end(args);
    if (log->clock) {
        clock_format_utc(clock_now_ms(log->clock), when);
        text_printf(&line, "%s ", when);
    }
    text_printf(&line, "%s ", level_words[level]);
    escape_add_line(&line, message, strlen(message));
    text_add_char(&line, '\n');
    (void)fwrite(line.data, 1, line.length, log->stream); /* nowhere left to report it */
    (void)fflush(log->stream);
}
