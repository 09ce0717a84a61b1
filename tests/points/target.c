/* SPDX-License-Identifier: Apache-2.0 */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const call_names[POINT_CALL_COUNT] = {
#define CALL_NAME(name, object, failure) [CALL_##name] = #name,
    POINT_CALLS(CALL_NAME)
#undef CALL_NAME
};

const char *point_call_name(enum point_call call)
{
    return call_names[call];
}

static bool parse_calls(char *words, bool *calls)
{
    bool any = strcmp(words, "*") == 0;
    size_t found = 0;

    for (int i = 0; any && i < POINT_CALL_COUNT; i++)
        calls[i] = true;
    for (char *word; !any && (word = strsep(&words, ","));)
        for (int i = 0; i < POINT_CALL_COUNT; i++)
            if (strcmp(word, call_names[i]) == 0) {
                calls[i] = true;
                found++;
            }
    return any || found;
}

static bool parse_frames(const char *words, struct frames *ret)
{
    if (strcmp(words, "*") == 0)
        return true;
    while (ret->count < FRAMES_MAX) {
        char *end;
        ret->at[ret->count++] = strtoull(words, &end, 16);
        if (end == words || !*end)
            return end != words;
        words = end + 1;
    }
    return false;
}

static bool parse_act(const char *word, struct target *t)
{
    static const struct {
        const char *name;
        enum point_act act;
    } acts[] = {
        {"fail:", ACT_FAIL}, {"lie", ACT_LIE}, {"before:", ACT_BEFORE}, {"after:", ACT_AFTER}};

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        size_t length = strlen(acts[i].name);
        if (strncmp(word, acts[i].name, length) != 0)
            continue;
        t->act = acts[i].act;
        t->error = t->act == ACT_FAIL ? (int)strtoul(word + length, NULL, 10) : 0;
        (void)snprintf(t->victims, sizeof t->victims, "%s", word + length);
        return true;
    }
    return false;
}

bool target_parse(const char *text, struct target *ret)
{
    char calls[512], frames[512], act[32];
    struct target t = {0};

    int read = sscanf(text, "%31s %31s %511s %63s %511s %u %31s", t.program, t.work, calls,
                      t.object, frames, &t.nth, act);
    if (read != 7 || !parse_calls(calls, t.calls) || !parse_frames(frames, &t.frames) ||
        !parse_act(act, &t))
        return false;
    *ret = t;
    return true;
}

bool target_calls_from(const struct target *target, const struct frames *frames)
{
    return frames->count >= target->frames.count &&
           memcmp(frames->at, target->frames.at,
                  target->frames.count * sizeof target->frames.at[0]) == 0;
}
