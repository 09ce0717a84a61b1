/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/prompt.h"

#include "base/os.h"
#include "core/template.h"

#include <string.h>

static const char *const prompts[] = {
#define PROMPT_NAME(name) #name,
    PROMPTS(PROMPT_NAME)
#undef PROMPT_NAME
};

static const struct {
    const char *name;
    size_t offset;
} fields[] = {
#define PROMPT_VALUE_ROW(name) {#name, offsetof(struct prompt_values, name)},
    PROMPT_VALUES(PROMPT_VALUE_ROW)
#undef PROMPT_VALUE_ROW
};

static const char *const names[] = {
#define PROMPT_VALUE_NAME(name) #name,
    PROMPT_VALUES(PROMPT_VALUE_NAME)
#undef PROMPT_VALUE_NAME
};

char *prompt_user_folder(void)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    /* The base directory specification ignores paths that are not absolute. */
    if (base && base[0] == '/')
        return os_path(base, "kelp");
    return home && *home ? os_path(home, ".config/kelp") : NULL;
}

/* The file that counts; NULL where there is none. The caller frees. */
static char *find_file(const struct prompt_folders *folders, const char *name)
{
    const struct {
        const char *folder, *below;
    } places[] = {
        {folders->repository, ".kelp/prompts"},
        {folders->user, "prompts"},
        {folders->recipes, "prompts"},
    };

    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (!places[i].folder)
            continue;
        char *path = text_format("%s/%s/%s.md", places[i].folder, places[i].below, name);
        if (os_exists(path))
            return path;
        free(path);
    }
    return NULL;
}

static int check_text(const struct text *text, const char *path, struct fault *f)
{
    const struct template_scope scope = {.names = names, .count = COUNT_OF(names)};
    size_t valid = text_utf8_valid(text_get(text), text->length);
    int r = 0;

    if (valid < text->length || strlen(text_get(text)) < text->length) {
        r = fault_set(f, FAULT_PLAN, "not UTF-8 text");
        fault_hint(f, "save the file as UTF-8");
    } else {
        r = template_check(text_get(text), &scope, f);
    }
    if (r < 0)
        fault_place(f, path, f->line ? f->line : 1, f->column ? f->column : 1);
    return r;
}

static int load(const struct prompt_folders *folders, const char *name, struct text *ret,
                struct fault *f)
{
    AUTO_FREE char *path = find_file(folders, name);

    if (!path) {
        int r = fault_set(f, FAULT_NOT_FOUND, "there is no prompt '%s.md'", name);
        fault_hint(f, "kelp's recipes are missing or damaged; install kelp again");
        return r;
    }
    int r = os_read_file(path, PROMPT_TEMPLATE_MAX, ret, f);
    return r < 0 ? r : check_text(ret, path, f);
}

/* The values, and what the variables of the section at hand came to. */
struct section {
    const struct prompt_values *values;
    bool variables, filled;
};

static const char *lookup(void *context, const char *name)
{
    struct section *s = context;

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (strcmp(fields[i].name, name) != 0)
            continue;
        const char *value;
        memcpy(&value, (const char *)s->values + fields[i].offset, sizeof value);
        s->variables = true;
        s->filled |= value && *value;
        return value ? value : "";
    }
    return NULL;
}

/* Bytes up to the next heading, the own one excepted. */
static size_t section_length(const char *text)
{
    const char *next = strstr(text, "\n#");

    return next ? (size_t)(next + 1 - text) : strlen(text);
}

static int render_section(const char *text, size_t length, const struct prompt_values *values,
                          struct text *out, struct fault *f)
{
    struct section section = {.values = values};
    const struct template_values look = {.lookup = lookup, .context = &section};
    AUTO_FREE char *part = mem_string_n(text, length);
    size_t before = out->length;
    int r = template_expand(part, &look, out, f);

    if (r == 0 && section.variables && !section.filled)
        text_cut(out, before);
    return r;
}

int prompt_render(const struct prompt_folders *folders, const char *name,
                  const struct prompt_values *values, struct text *out, struct fault *f)
{
    AUTO_TEXT text = {0};
    AUTO_TEXT whole = {0};
    int r = load(folders, name, &text, f);

    for (const char *at = text_get(&text); r == 0 && *at;) {
        size_t length = section_length(at);
        r = render_section(at, length, values, &whole, f);
        at += length;
    }
    if (r == 0)
        text_add_n(out, text_get(&whole), whole.length);
    return r;
}

int prompt_check(const struct prompt_folders *folders, struct fault *f)
{
    for (size_t i = 0; i < COUNT_OF(prompts); i++) {
        AUTO_TEXT text = {0};
        int r = load(folders, prompts[i], &text, f);
        if (r < 0)
            return r;
    }
    return 0;
}
