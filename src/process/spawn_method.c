/* SPDX-License-Identifier: Apache-2.0 */
#include "process/spawn_method.h"

#include "base/memory.h"

#include <string.h>

static const char *const words[] = {
#define SPAWN_METHOD_WORD(name, word) [SPAWN_##name] = word,
    SPAWN_METHODS(SPAWN_METHOD_WORD)
#undef SPAWN_METHOD_WORD
};

const char *spawn_method_name(enum spawn_method method)
{
    return (unsigned)method < COUNT_OF(words) ? words[method] : "unknown";
}

bool spawn_method_parse(const char *word, enum spawn_method *ret)
{
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(words[i], word) != 0)
            continue;
        *ret = (enum spawn_method)i;
        return true;
    }
    return false;
}
