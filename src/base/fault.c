/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include "base/text.h"

#include <stdarg.h>
#include <string.h>

static void fill(struct fault *f, enum fault_code code, char *message)
{
    if (f->code != FAULT_NONE)
        bug("fault filled twice: '%s' then '%s'", f->message, message);
    f->code = code;
    f->message = message;
}

int fault_set(struct fault *f, enum fault_code code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(f, code, text_vformat(format, args));
    va_end(args);
    return -(int)code;
}

int fault_system(struct fault *f, int sys_errno, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    AUTO_FREE char *what = text_vformat(format, args);
    va_end(args);
    fill(f, FAULT_SYSTEM, text_format("%s: %s", what, strerror(sys_errno)));
    f->sys_errno = sys_errno;
    return -FAULT_SYSTEM;
}

int fault_wrap(struct fault *f, const char *format, ...)
{
    va_list args;

    if (f->code == FAULT_NONE)
        bug("no fault to wrap");
    va_start(args, format);
    AUTO_FREE char *context = text_vformat(format, args);
    va_end(args);
    char *message = text_format("%s: %s", context, f->message);
    free(f->message);
    f->message = message;
    return -(int)f->code;
}

void fault_hint(struct fault *f, const char *format, ...)
{
    va_list args;

    if (f->hint)
        return;
    va_start(args, format);
    f->hint = text_vformat(format, args);
    va_end(args);
}

void fault_place(struct fault *f, const char *file, unsigned line, unsigned column)
{
    free(f->file);
    f->file = file ? mem_string(file) : NULL;
    f->line = line;
    f->column = column;
}

int fault_move(struct fault *to, struct fault *from)
{
    if (to->code != FAULT_NONE)
        bug("fault moved onto '%s'", to->message);
    *to = *from;
    *from = (struct fault){0};
    return -(int)to->code;
}

void fault_clear(struct fault *f)
{
    free(f->message);
    free(f->hint);
    free(f->file);
    *f = (struct fault){0};
}

const char *fault_code_name(enum fault_code code)
{
    switch (code) {
    case FAULT_NONE:
        return "none";
#define FAULT_NAME(name, number, word) \
    case FAULT_##name:                 \
        return word;
        FAULT_CODES(FAULT_NAME)
#undef FAULT_NAME
    }
    return "unknown";
}

char *fault_text(const struct fault *f)
{
    const char *message = f->message ? f->message : "no error";

    if (!f->file)
        return mem_string(message);
    if (!f->line)
        return text_format("%s: %s", f->file, message);
    return text_format("%s:%u:%u: %s", f->file, f->line, f->column ? f->column : 1, message);
}
