/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/variables.h"

#include "base/text.h"
#include "core/template.h"
#include "core/variables.h"

#include <string.h>

static const struct {
    const char *name;
    enum variable_use use;
} rows[] = {
#define ROW(name, use) {#name, VARIABLE_##use},
    VARIABLES(ROW)
#undef ROW
};

struct check {
    struct arena *arena;
    const struct variables *scope;
    const char **why; /* set where a name exists but not here: the hint */
};

static const struct plan_step *step_named(const struct plan_subtask *subtask, const char *id,
                                          size_t length)
{
    for (size_t i = 0; i < subtask->step_count; i++)
        if (strlen(subtask->steps[i].id) == length && memcmp(subtask->steps[i].id, id, length) == 0)
            return &subtask->steps[i];
    return NULL;
}

/* Is `other` sure to have ended before `step` begins? Needs are followed; levels bound the way. */
static bool ends_before(const struct plan_subtask *subtask, const struct plan_step *other,
                        const struct plan_step *step)
{
    if (subtask->explicit_waves)
        return other->level < step->level;
    size_t target = (size_t)(other - subtask->steps), n = subtask->step_count, found = 0;
    AUTO_FREE bool *seen = mem_zero(n);
    AUTO_FREE size_t *queue = mem_resize(NULL, n, sizeof *queue);

    queue[found++] = (size_t)(step - subtask->steps);
    for (size_t i = 0; i < found; i++) {
        const struct plan_step *s = &subtask->steps[queue[i]];
        for (size_t k = 0; k < s->need_count; k++) {
            if (s->needs[k] == target)
                return true;
            if (!seen[s->needs[k]])
                queue[found++] = s->needs[k];
            seen[s->needs[k]] = true;
        }
    }
    return false;
}

/* "steps.ID.summary" */
static bool allows_step(const struct check *c, const char *id, size_t length)
{
    const struct plan_subtask *subtask = c->scope->subtask;
    const struct plan_step *step = c->scope->step;
    const struct plan_step *other = step_named(subtask, id, length);

    if (!other) {
        *c->why = arena_format(c->arena, "the subtask has no step '%.*s'", (int)length, id);
        return false;
    }
    if (!step || ends_before(subtask, other, step))
        return true;
    *c->why = subtask->explicit_waves
                  ? "name a step of an earlier wave"
                  : arena_format(c->arena, "add '%s' to the needs of this step", other->id);
    return false;
}

/* "waves.N.summary": a wave before the text's own. */
static bool allows_wave(const struct check *c, const char *digits, size_t length)
{
    const struct plan_step *step = c->scope->step;
    unsigned last = step ? step->level - 1 : (unsigned)c->scope->subtask->wave_count;
    AUTO_FREE char *word = mem_string_n(digits, length);
    int64_t wave;

    if (text_to_int64(word, 1, last, &wave))
        return true;
    *c->why = last ? arena_format(c->arena, "name a wave from 1 to %u", last)
                   : "the first wave has none before it";
    return false;
}

static bool allows_result(const struct check *c, const char *name)
{
    static const char tail[] = ".summary";
    size_t length = strlen(name);

    if (!c->scope->subtask || !text_ends(name, tail) || length < strlen("waves.") + strlen(tail))
        return false;
    size_t middle = length - strlen("waves.") - strlen(tail);
    const char *at = name + strlen("waves.");
    if (text_starts(name, "waves."))
        return allows_wave(c, at, middle);
    return text_starts(name, "steps.") && allows_step(c, at, middle);
}

static bool usable(const struct variables *scope, enum variable_use use)
{
    return use == VARIABLE_ANYWHERE || (use == VARIABLE_AGENT && scope->agent) ||
           (use == VARIABLE_ITEM && scope->item);
}

/* For names that are not in the list of plain ones: results, and those that are not for here. */
static bool allows(const void *context, const char *name)
{
    const struct check *c = context;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            *c->why = rows[i].use == VARIABLE_ITEM ? "there is no for_each around it"
                                                   : "only what an agent runs has it";
    return allows_result(c, name);
}

static int check(struct reader *r, const char *text, struct plan_place at,
                 const struct variables *scope, bool command)
{
    const char *names[COUNT_OF(rows)], *why = NULL;
    const struct check context = {r->arena, scope, &why};
    struct template_scope allowed = {
        .names = names, .allows = allows, .context = &context, .command = command};
    AUTO_FAULT f = {0};

    if (r->trusted || !strstr(text, "{{"))
        return 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (usable(scope, rows[i].use))
            names[allowed.count++] = rows[i].name;
    if (template_check(text, &allowed, &f) == 0)
        return 0;
    const struct node place = {.place = at};
    if (!why)
        why = f.hint ? f.hint : "write {{{{ for a plain {{";
    return reader_fail(r, &place, why, "%s", f.message);
}

int variables_check_prompt(struct reader *r, const char *text, struct plan_place at,
                           const struct variables *scope)
{
    return check(r, text, at, scope, false);
}

int variables_check_command(struct reader *r, const char *text, struct plan_place at,
                            const struct variables *scope)
{
    return check(r, text, at, scope, true);
}

int variables_check_commands(struct reader *r, const struct plan_commands *commands,
                             const struct variables *scope)
{
    int code = 0;

    for (size_t i = 0; code == 0 && i < commands->count; i++)
        code = variables_check_command(r, commands->at[i].run, commands->at[i].place, scope);
    return code;
}

int variables_check_title(struct reader *r, const char *title, struct plan_place at, bool item)
{
    static const char variable[] = "{{item}}";
    const struct node place = {.place = at};
    const char *open = strstr(title, "{{");

    if (r->trusted)
        return 0;
    while (item && open && text_starts(open, variable))
        open = strstr(open + strlen(variable), "{{");
    if (!open)
        return 0;
    return reader_fail(r, &place,
                       item ? "a title has no variable but {{item}}"
                            : "a title has no variable but {{item}}, and that below a for_each",
                       "'{{' in the title '%s'", title);
}
