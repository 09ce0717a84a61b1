/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/find.h"

#include "process/run.h"

#include <string.h>

const char *find_state_words(enum find_state state)
{
    static const char *const words[] = {
#define FIND_STATE_WORDS(name, text) [FIND_##name] = (text),
        FIND_STATES(FIND_STATE_WORDS)
#undef FIND_STATE_WORDS
    };

    return words[state];
}

bool find_usable(const struct roster_entry *entry)
{
    const char *const *ways = entry->driver->configured_by;

    return !entry->trouble && (entry->configured || !ways || !*ways);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_version(const char *word, size_t length)
{
    for (size_t i = 1; i + 1 < length; i++)
        if (word[i] == '.' && is_digit(word[i - 1]) && is_digit(word[i + 1]))
            return true;
    return false;
}

const char *find_version(const char *output, struct arena *a)
{
    static const char separators[] = " \t\r\n(),;:/\"'";

    for (const char *at = output; *at;) {
        at += strspn(at, separators);
        size_t length = strcspn(at, separators);
        if (is_version(at, length)) {
            size_t v = (*at == 'v' || *at == 'V') && is_digit(at[1]);
            return arena_string_n(a, at + v, length - v - (at[length - 1] == '.'));
        }
        at += length;
    }
    return "";
}

static void ask_version(const struct roster_entry *entry, struct arena *a, struct found *ret)
{
    const char *argv[8] = {entry->program};
    const struct run_spec spec = {.argv = argv, .limit_ms = FIND_LIMIT_MS};
    const char *const *more = entry->driver->version_argv;
    AUTO_RUN_RESULT result = {0};
    AUTO_FAULT f = {0};

    if (!more)
        return;
    for (size_t i = 1; *more && i + 1 < COUNT_OF(argv); i++)
        argv[i] = *more++;
    int r = run_command(&spec, &result, &f);
    if (r == 0)
        r = run_check(&spec, &result, FAULT_ENVIRONMENT, &f);
    if (r < 0) {
        ret->state = FIND_NO_ANSWER;
        ret->why = arena_string(a, f.message);
        return;
    }
    ret->version = find_version(text_get(&result.out), a);
    if (!*ret->version) /* some say it there */
        ret->version = find_version(text_get(&result.err), a);
}

static const char *ways_of(const struct driver *d, struct arena *a)
{
    AUTO_TEXT ways = {0};

    for (const char *const *at = d->configured_by; *at; at++)
        text_printf(&ways, "%s%s", ways.length ? ", " : "", *at);
    return arena_format(a, "none of these is there: %s", text_get(&ways));
}

void find_agent(const struct roster_entry *entry, const char *version, struct arena *a,
                struct found *ret)
{
    const struct driver *d = entry->driver;

    *ret = (struct found){.state = FIND_READY, .version = version ? version : "", .why = ""};
    if (entry->trouble) {
        bool hint = d->install_hint && *d->install_hint;
        ret->state = FIND_NOT_INSTALLED;
        ret->why = arena_format(a, "%s%s%s", entry->trouble, hint ? "; " : "",
                                hint ? d->install_hint : "");
        return;
    }
    if (!version)
        ask_version(entry, a, ret);
    if (ret->state == FIND_READY && !find_usable(entry)) {
        ret->state = FIND_NOT_CONFIGURED;
        ret->why = ways_of(d, a);
    }
}
