/* SPDX-License-Identifier: Apache-2.0 */
#include "core/status.h"

#include <stddef.h>
#include <string.h>

static const char *const end_words[END_STATUS_COUNT] = {
#define END_WORD(name, word) [END_##name] = word,
    END_STATUSES(END_WORD)
#undef END_WORD
};

static const char *const error_words[ATTEMPT_ERROR_COUNT] = {
#define ERROR_WORD(name, word) [ERROR_##name] = word,
    ATTEMPT_ERRORS(ERROR_WORD)
#undef ERROR_WORD
};

static int find(const char *word, const char *const *words, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

const char *end_status_name(enum end_status status)
{
    return end_words[status];
}

const char *attempt_error_name(enum attempt_error error)
{
    return error_words[error];
}

bool attempt_error_parse(const char *word, enum attempt_error *ret)
{
    int found = find(word, error_words, ATTEMPT_ERROR_COUNT);

    if (found >= 0)
        *ret = (enum attempt_error)found;
    return found >= 0;
}
