/* SPDX-License-Identifier: Apache-2.0 */
#include "make.h"

#include "base/text.h"
#include "core/graph.h"

#include <ctype.h>
#include <string.h>

static const struct plan_settings settings = {.agent = "claude",
                                              .model = "",
                                              .base_url = "",
                                              .retries = RETRIES_DEFAULT,
                                              .stall_minutes = -1};

struct plan *make_plan(struct arena *arena, size_t count)
{
    struct plan *plan = ARENA_NEW(arena, struct plan);

    *plan = (struct plan){.version = 1,
                          .task = "a task",
                          .file = "",
                          .setup = "",
                          .settings = settings,
                          .subtask_count = count};
    plan->subtasks = arena_array(arena, count, sizeof *plan->subtasks);
    for (size_t i = 0; i < count; i++) {
        char *name = arena_format(arena, "s%zu", i + 1);
        plan->subtasks[i] = (struct plan_subtask){.id = name,
                                                  .title = name,
                                                  .context = "",
                                                  .mission = "",
                                                  .setup = "",
                                                  .settings = settings};
    }
    return plan;
}

struct strings make_strings(struct arena *arena, const char *words)
{
    struct strings list = {.at = arena_array(arena, strlen(words) + 1, sizeof *list.at)};

    for (const char *p = words + strspn(words, " "); *p; p += strspn(p, " ")) {
        size_t length = strcspn(p, " ");
        list.at[list.count++] = arena_string_n(arena, p, length);
        p += length;
    }
    return list;
}

struct plan_fan make_list(struct arena *arena, const char *words, unsigned batch)
{
    return (struct plan_fan){
        .kind = FAN_LIST, .items = make_strings(arena, words), .source = "", .batch = batch};
}

void make_depends(struct arena *arena, struct plan_subtask *s, size_t on)
{
    size_t *list = arena_array(arena, s->depends_count + 1, sizeof *list);

    if (s->depends_count)
        memcpy(list, s->depends_on, s->depends_count * sizeof *list);
    list[s->depends_count++] = on;
    s->depends_on = list;
}

/* "Role:minutes*count" up to `<`. */
static struct plan_step make_step(struct arena *arena, const char *text)
{
    size_t length = strcspn(text, ":*<");
    char *role = arena_string_n(arena, text, length);
    struct plan_step step = {.id = role,
                             .title = "",
                             .role = role,
                             .prompt = "",
                             .run = "",
                             .count = 1,
                             .level = 1,
                             .settings = settings};

    if (islower((unsigned char)role[0]))
        step.run = "true";
    else
        step.prompt = "do it";
    text += length;
    if (*text == ':') {
        char *end;
        step.minutes = strtod(text + 1, &end);
        text = end;
    }
    if (*text == '*')
        step.count = (unsigned)strtoul(text + 1, NULL, 10);
    return step;
}

void make_waves(struct arena *arena, struct plan_subtask *s, const char *text)
{
    struct strings words = make_strings(arena, text);
    unsigned level = 1;

    s->explicit_waves = true;
    s->step_count = 0;
    s->steps = arena_array(arena, words.count, sizeof *s->steps);
    s->waves = arena_array(arena, words.count, sizeof *s->waves);
    for (size_t i = 0; i < words.count; i++) {
        if (strcmp(words.at[i], "|") == 0) {
            level++;
            continue;
        }
        s->steps[s->step_count] = make_step(arena, words.at[i]);
        s->steps[s->step_count].id = arena_format(arena, "w%u.%zu", level, s->step_count + 1);
        s->steps[s->step_count++].level = level;
        s->wave_count = level;
        s->waves[level - 1].title = arena_format(arena, "wave %u", level);
    }
}

static size_t find_step(const struct plan_subtask *s, const char *id, size_t length)
{
    for (size_t i = 0; i < s->step_count; i++)
        if (strlen(s->steps[i].id) == length && memcmp(s->steps[i].id, id, length) == 0)
            return i;
    bug("no step %.*s before this one", (int)length, id);
}

static void make_needs(struct arena *arena, struct plan_subtask *s, size_t step, const char *list)
{
    size_t *needs = arena_array(arena, strlen(list), sizeof *needs);
    struct plan_step *of = &s->steps[step];

    while (*list) {
        size_t length = strcspn(++list, ",");
        size_t need = find_step(s, list, length);
        needs[of->need_count++] = need;
        list += length;
        if (s->steps[need].level >= of->level)
            of->level = s->steps[need].level + 1;
    }
    of->needs = needs;
    if (of->level > s->wave_count)
        s->wave_count = of->level;
}

void make_steps(struct arena *arena, struct plan_subtask *s, const char *text)
{
    struct strings words = make_strings(arena, text);

    s->step_count = s->wave_count = 0;
    s->steps = arena_array(arena, words.count, sizeof *s->steps);
    s->waves = arena_array(arena, words.count, sizeof *s->waves);
    for (size_t i = 0; i < words.count; i++) {
        s->waves[i].title = "";
        s->steps[i] = make_step(arena, words.at[i]);
        s->step_count++;
        s->wave_count = s->wave_count ? s->wave_count : 1;
        if (strchr(words.at[i], '<'))
            make_needs(arena, s, i, strchr(words.at[i], '<'));
    }
}

size_t random_below(struct random *r, size_t below)
{
    /* SplitMix64 */
    uint64_t x = r->state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (size_t)((x ^ x >> 31) % below);
}
