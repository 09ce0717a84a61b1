/* SPDX-License-Identifier: Apache-2.0 */
#include "frames.h"

#include <link.h>
#include <unwind.h>

/* The first object that is listed is the program. */
static int take_program(struct dl_phdr_info *info, size_t size, void *ctx)
{
    struct program_text *text = ctx;

    (void)size;
    text->base = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
            text->first = text->base + part->p_vaddr;
            text->last = text->first + part->p_memsz;
        }
    }
    return 1;
}

struct program_text program_text_find(void)
{
    struct program_text text = {0};

    (void)dl_iterate_phdr(take_program, &text);
    return text;
}

struct walk {
    const struct program_text *text;
    struct frames *frames;
};

static _Unwind_Reason_Code take_frame(struct _Unwind_Context *context, void *ctx)
{
    struct walk *walk = ctx;
    uintptr_t ip = _Unwind_GetIP(context);

    if (ip < walk->text->first || ip >= walk->text->last)
        return _URC_NO_REASON;
    walk->frames->at[walk->frames->count++] = ip - walk->text->base;
    return walk->frames->count < FRAMES_MAX ? _URC_NO_REASON : _URC_END_OF_STACK;
}

void frames_walk(const struct program_text *text, struct frames *ret)
{
    struct walk walk = {text, ret};

    ret->count = 0;
    (void)_Unwind_Backtrace(take_frame, &walk);
}
