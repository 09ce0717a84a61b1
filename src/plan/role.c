/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/role.h"

#include "base/os.h"
#include "base/vector.h"
#include "plan/field.h"
#include "plan/toml.h"
#include "plan/words.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

enum { FOLDER_DEPTH_MAX = 8 };

struct role_draft {
    const char *name, *description, *model, *prompt;
    const struct node *tools;
};

static const struct field role_rows[] = {
    {"name", field_text, offsetof(struct role_draft, name), NULL},
    {"description", field_text, offsetof(struct role_draft, description), NULL},
    {"model", field_text, offsetof(struct role_draft, model), NULL},
    {"tools", field_node, offsetof(struct role_draft, tools), NULL},
};
static const struct field_table role_fields = {"the front matter of a role", role_rows,
                                               COUNT_OF(role_rows), .open = true};

static const struct field codex_rows[] = {
    {"name", field_text, offsetof(struct role_draft, name), NULL},
    {"description", field_text, offsetof(struct role_draft, description), NULL},
    {"model", field_text, offsetof(struct role_draft, model), NULL},
    {"developer_instructions", field_text, offsetof(struct role_draft, prompt), NULL},
};
static const struct field_table codex_fields = {"a role", codex_rows, COUNT_OF(codex_rows),
                                                .open = true};

/* OpenCode's form: { bash: true, write: false }. */
static void read_tool_switches(struct reader *r, const struct node *map, struct strings *ret)
{
    ret->at = arena_array(r->arena, map->count / 2 + 1, sizeof *ret->at);
    for (size_t i = 0; i < map->count; i += 2) {
        const struct node *key = map->items[i], *value = map->items[i + 1];
        bool off = value->kind == NODE_SCALAR && strcmp(value->text, "false") == 0;
        if (key->kind == NODE_SCALAR && !off)
            ret->at[ret->count++] = arena_string(r->arena, key->text);
    }
}

/* A list, one text with commas, or switches. */
static int read_tools(struct reader *r, const struct node *value, struct strings *ret)
{
    if (value->kind == NODE_MAPPING) {
        read_tool_switches(r, value, ret);
        return 0;
    }
    if (value->kind != NODE_SCALAR)
        return field_read_strings(r, "tools", value, ret);
    const char *text = value->text;
    ret->at = arena_array(r->arena, strlen(text) / 2 + 1, sizeof *ret->at);
    while (*text) {
        size_t n = strcspn(text, ",");
        const char *tool = words_copy(r->arena, text, 0, n);
        if (*tool)
            ret->at[ret->count++] = tool;
        text += n + (text[n] == ',');
    }
    return 0;
}

/* The offset behind the line at `at`. */
static size_t next_line(const char *text, size_t at)
{
    at += strcspn(text + at, "\n");
    return text[at] ? at + 1 : at;
}

static bool is_dashes(const char *text, size_t at)
{
    return text_starts(text + at, "---") && text[at + 3 + strspn(text + at + 3, " \t\r")] == '\n';
}

static bool is_last_dashes(const char *text, size_t at)
{
    return text_starts(text + at, "---") && !text[at + 3 + strspn(text + at + 3, " \t\r")];
}

/* Offsets of the line that closes the front matter and of the prompt behind it. */
static int find_matter(const struct source *source, size_t *ret_close, size_t *ret_body,
                       struct fault *f)
{
    const char *text = source->text;

    if (!is_dashes(text, 0)) {
        int r = source_fail(source, 0, "a role without front matter", f);
        fault_hint(f, "begin with a line '---', then 'name: ...' and another '---'");
        return r;
    }
    for (size_t at = next_line(text, 0); text[at]; at = next_line(text, at)) {
        if (!is_dashes(text, at) && !is_last_dashes(text, at))
            continue;
        *ret_close = at;
        *ret_body = next_line(text, at);
        return 0;
    }
    int r = source_fail(source, 0, "front matter without an end", f);
    fault_hint(f, "close it with a line '---'");
    return r;
}

/* What begins as a quoted text, a list or a mapping is YAML or wrong; the rest is what it says. */
static struct node *read_plain_value(const char *text, struct plan_place place, struct arena *a)
{
    AUTO_FAULT ignored = {0}; /* the fault of the whole says where */
    struct node *value = NULL;

    if (*text && strchr("\"'[{", *text)) {
        const struct source source = {text, strlen(text), ""};
        if (node_read_yaml(&source, a, &value, &ignored) < 0)
            return NULL;
        value->place = place;
        return value;
    }
    value = ARENA_NEW(a, struct node);
    *value = (struct node){.kind = NODE_SCALAR, .plain = true, .place = place, .text = text};
    return value;
}

/* "key: anything" as two nodes; false for any other line. */
static bool take_plain_line(const char *line, size_t n, unsigned number, struct arena *a,
                            struct node *ret_pair[2])
{
    size_t key = strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    if (!key || line[key] != ':')
        return false;
    ret_pair[0] = ARENA_NEW(a, struct node);
    *ret_pair[0] = (struct node){
        .kind = NODE_SCALAR, .place = {number, 1}, .text = arena_string_n(a, line, key)};
    ret_pair[1] = read_plain_value(words_copy(a, line, key + 1, n),
                                   (struct plan_place){number, (unsigned)key + 2}, a);
    return ret_pair[1] != NULL;
}

/*
 * Agent tools accept, and write, descriptions with ": " in them, which YAML does not. Where each
 * line is "key: text", that is what is meant. NULL where it is not.
 */
static struct node *plain_lines(const char *text, size_t end, struct arena *a)
{
    struct node *root = ARENA_NEW(a, struct node);
    VECTOR(struct node *) items = {0};
    unsigned number = 2;

    for (size_t at = next_line(text, 0); at < end; at = next_line(text, at), number++) {
        struct node *pair[2];
        size_t n = strcspn(text + at, "\n");
        if (!text[at + strspn(text + at, " \t\r")] || strspn(text + at, " \t\r") == n)
            continue;
        if (!take_plain_line(text + at, n, number, a, pair)) {
            vector_free(&items);
            return NULL;
        }
        if (node_is_null(pair[1]))
            continue;
        vector_push(&items, pair[0]);
        vector_push(&items, pair[1]);
    }
    root->kind = NODE_MAPPING;
    root->count = items.count;
    root->items = arena_copy(a, items.at, items.count * sizeof *items.at);
    vector_free(&items);
    return root;
}

static int read_matter(const struct source *matter, struct arena *a, struct node **ret,
                       struct fault *f)
{
    AUTO_FAULT yaml = {0};

    if (node_read_yaml(matter, a, ret, &yaml) == 0)
        return 0;
    *ret = plain_lines(matter->text, matter->length, a);
    return *ret ? 0 : fault_move(f, &yaml);
}

static const char *name_of_file(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;

    const char *dot = strrchr(base, '.');

    return arena_string_n(a, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

static int fill(struct reader *r, const struct node *root, const struct field_table *fields,
                struct role *role)
{
    struct role_draft d = {.description = "", .model = "", .prompt = ""};
    int code = root ? fields_read(r, root, fields, &d) : 0;

    if (code == 0 && d.tools)
        code = read_tools(r, d.tools, &role->tools);
    role->name = d.name ? d.name : name_of_file(r->arena, r->file);
    role->description = d.description;
    /* Claude Code's word for "the model of whoever calls it" */
    role->model = strcmp(d.model, "inherit") == 0 ? "" : d.model;
    role->driver = "";
    role->prompt = words_copy(r->arena, d.prompt, 0, strlen(d.prompt));
    role->file = r->file;
    return code;
}

static int parse_codex(const struct source *source, struct arena *a, struct role *ret,
                       struct fault *f)
{
    AUTO_ARENA nodes = {0};
    struct reader reader = {.arena = a, .file = arena_string(a, source->name), .fault = f};
    struct node *root = NULL;
    struct role role = {0};
    int r = source_check(source, ROLE_BYTES_MAX, f);

    if (r == 0)
        r = toml_read(source, &nodes, &root, f);
    if (r == 0)
        r = fill(&reader, root, &codex_fields, &role);
    if (r == 0)
        *ret = role;
    return r;
}

static int parse_markdown(const struct source *source, struct arena *a, struct role *ret,
                          struct fault *f)
{
    AUTO_ARENA nodes = {0};
    struct source matter = *source;
    struct node *root = NULL;
    struct role role = {0};
    size_t body = 0;
    int r = source_check(source, ROLE_BYTES_MAX, f);

    if (r == 0)
        r = find_matter(source, &matter.length, &body, f);
    if (r == 0)
        r = read_matter(&matter, &nodes, &root, f);
    if (r < 0)
        return r;
    struct reader reader = {.arena = a, .file = arena_string(a, source->name), .fault = f};
    r = fill(&reader, root, &role_fields, &role);
    if (r < 0)
        return r;
    role.prompt = words_copy(a, source->text, body, source->length);
    *ret = role;
    return 0;
}

int role_parse(const struct source *source, struct arena *a, struct role *ret, struct fault *f)
{
    return text_ends(source->name, ".toml") ? parse_codex(source, a, ret, f)
                                            : parse_markdown(source, a, ret, f);
}

/* Where roles are, and whose they are. */
static const struct role_folder {
    const char *path, *driver, *ending;
} folders[] = {
    {".kelp/agents", "", ".md"},
    {".claude/agents", "claude", ".md"},
    {".opencode/agents", "opencode", ".md"},
    {".opencode/agent", "opencode", ".md"},
    {".codex/agents", "codex", ".toml"},
};

struct loader {
    struct arena *arena;
    const struct role_folder *folder;
    VECTOR(struct role) roles;
    VECTOR(const char *) faults;
};

static void load_file(struct loader *l, const char *path)
{
    AUTO_FAULT f = {0};
    AUTO_TEXT text = {0};
    struct role role;
    int r = os_read_file(path, ROLE_BYTES_MAX, &text, &f);

    const struct source source = {text_get(&text), text.length, path};
    if (r == 0)
        r = role_parse(&source, l->arena, &role, &f);
    if (r == 0) {
        role.driver = l->folder->driver;
        vector_push(&l->roles, role);
        return;
    }
    AUTO_FREE char *message = fault_text(&f);
    vector_push(&l->faults, arena_string(l->arena, message));
}

static int load_folder(struct loader *l, const char *folder, unsigned depth, struct fault *f);

static int load_entry(struct loader *l, const char *folder, const struct dirent *entry,
                      unsigned depth, struct fault *f)
{
    AUTO_FREE char *path = os_path(folder, entry->d_name);
    bool is_folder = entry->d_type == DT_DIR || (entry->d_type == DT_UNKNOWN && os_is_dir(path));

    if (entry->d_name[0] == '.')
        return 0;
    if (is_folder)
        return depth < FOLDER_DEPTH_MAX ? load_folder(l, path, depth + 1, f) : 0;
    if (text_ends(path, l->folder->ending))
        load_file(l, path);
    return 0;
}

static int load_folder(struct loader *l, const char *folder, unsigned depth, struct fault *f)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, alphasort), r = 0;

    if (n < 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : fault_system(f, errno, "cannot read the folder '%s'", folder);
    for (int i = 0; i < n; i++) {
        if (r == 0)
            r = load_entry(l, folder, entries[i], depth, f);
        free(entries[i]);
    }
    free(entries);
    return r;
}

int roles_load(const char *root, struct arena *a, struct roles *ret, struct fault *f)
{
    struct loader l = {.arena = a};
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(folders); i++) {
        AUTO_FREE char *folder = os_path(root, folders[i].path);
        l.folder = &folders[i];
        r = load_folder(&l, folder, 0, f);
    }
    if (r == 0)
        *ret = (struct roles){
            .at = arena_copy(a, l.roles.at, l.roles.count * sizeof *l.roles.at),
            .count = l.roles.count,
            .faults = {arena_copy(a, l.faults.at, l.faults.count * sizeof *l.faults.at),
                       l.faults.count},
        };
    vector_free(&l.roles);
    vector_free(&l.faults);
    return r;
}

/* Letters in lower case, and one sign for what separates words. */
static char plain_char(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == ' ' || c == '_' ? '-' : c;
}

const struct role *roles_find(const struct roles *roles, const char *name)
{
    for (size_t i = 0; i < roles->count; i++) {
        const char *a = roles->at[i].name, *b = name;
        while (*a && plain_char(*a) == plain_char(*b)) {
            a++;
            b++;
        }
        if (!*a && !*b)
            return &roles->at[i];
    }
    return NULL;
}

const char *role_model(const struct role *role, const char *agent)
{
    bool fits = role && (!*role->driver || strcmp(role->driver, agent) == 0);

    return fits ? role->model : "";
}

static void fill_models(const struct roles *roles, struct plan_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct plan_settings *s = &steps[i].settings;
        if (!*s->model && !plan_step_is_command(&steps[i]))
            s->model = role_model(roles_find(roles, steps[i].role), s->agent);
    }
}

void roles_fill_models(const struct roles *roles, struct plan *plan)
{
    fill_models(roles, plan->research, plan->research_count);
    for (size_t i = 0; i < plan->subtask_count; i++)
        fill_models(roles, plan->subtasks[i].steps, plan->subtasks[i].step_count);
}
