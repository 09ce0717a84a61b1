/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of keys of a driver file. */
#include "agent/ability.h"
#include "agent/custom_priv.h"
#include "plan/field.h"
#include "plan/settings.h"

#include <string.h>

enum { RULES_MAX = 256 };

#define WORDS(name, ...)                                          \
    static const struct field_word name##_list[] = {__VA_ARGS__}; \
    static const struct field_words name = {name##_list, COUNT_OF(name##_list)}

WORDS(yes_words, {"true", 1}, {"false", 0}, {"yes", 1}, {"no", 0});
WORDS(prompt_words, {"stdin", CUSTOM_PROMPT_STDIN}, {"file", CUSTOM_PROMPT_FILE},
      {"argument", CUSTOM_PROMPT_ARGUMENT});
WORDS(output_words, {"text", CUSTOM_TEXT}, {"jsonl", CUSTOM_JSONL}, {"kelp", CUSTOM_KELP},
      {"acp", CUSTOM_ACP});
#define ABILITY_WORD(name, bit, word) {word, DRIVER_##name},
WORDS(ability_words, DRIVER_ABILITIES(ABILITY_WORD));
#define ERROR_WORD(name, word) {word, ERROR_##name},
static const struct field_word error_list[] = {ATTEMPT_ERRORS(ERROR_WORD)};
/* The first word is that of no error. */
static const struct field_words error_words = {error_list + 1, COUNT_OF(error_list) - 1};
WORDS(ok_words, {"ok", ERROR_NONE});

static const struct field_range exit_range = {0, 255};

/* Text with {{variables}}. */
static int read_template(struct reader *r, const struct field *field, const struct node *value,
                         void *slot)
{
    const struct template_scope scope = {.names = custom_variables, .count = custom_variable_count};
    AUTO_FAULT f = {0};
    const char *text;
    int code = field_read_text(r, field->key, value, &text);

    if (code < 0)
        return code;
    if (template_check(text, &scope, &f) < 0)
        return reader_fail(r, value, f.hint ? arena_string(r->arena, f.hint) : "", "%s", f.message);
    *(const char **)slot = text;
    return 0;
}

static int read_templates(struct reader *r, const struct field *field, const struct node *value,
                          void *slot)
{
    struct strings *list = slot;
    int code = field_strings(r, field, value, list);

    for (size_t i = 0; code == 0 && i < list->count; i++)
        code = read_template(r, field, value->kind == NODE_SEQUENCE ? value->items[i] : value,
                             &list->at[i]);
    return code;
}

/* A place that may be hidden from others, or the variable that names it. */
static bool is_place(const char *path)
{
    return (*path == '$' || *path == '/' || text_starts(path, "~/")) &&
           path[strspn(path, "$~/.")] != '\0';
}

/* One that is not whole would be nowhere, and nothing of the driver's hidden. */
static int read_places(struct reader *r, const struct field *field, const struct node *value,
                       void *slot)
{
    struct strings *list = slot;
    int code = field_strings(r, field, value, list);

    for (size_t i = 0; code == 0 && i < list->count; i++)
        if (!is_place(list->at[i]))
            return reader_fail(r, value->kind == NODE_SEQUENCE ? value->items[i] : value,
                               "write it from the user's home: ~/.thing, or $VARIABLE",
                               "'%s' is not a place in '%s'", list->at[i], field->key);
    return code;
}

/* A variable's name, as conditions have it. */
static int read_variable(struct reader *r, const struct field *field, const struct node *value,
                         void *slot)
{
    const char *name;
    int code = field_read_text(r, field->key, value, &name);

    for (size_t i = 0; code == 0 && i < custom_variable_count; i++)
        if (strcmp(name, custom_variables[i]) == 0) {
            *(const char **)slot = name;
            return 0;
        }
    if (code < 0)
        return code;
    return reader_fail(r, value, reader_suggest(r, name, custom_variables, custom_variable_count),
                       "there is no variable %s", node_describe(value, r->arena));
}

static const struct field words_rows[] = {
    {"when", read_variable, offsetof(struct custom_words, when), NULL},
    {"unless", read_variable, offsetof(struct custom_words, unless), NULL},
    {"args", read_templates, offsetof(struct custom_words, words), NULL},
};
static const struct field_table words_fields = {"conditional arguments", words_rows,
                                                COUNT_OF(words_rows)};

static int read_args(struct reader *r, const struct field *field, const struct node *value,
                     void *slot)
{
    struct custom_args *args = slot;
    int code = field_need_list(r, field->key, value);

    if (code < 0)
        return code;
    struct custom_words *list = arena_array(r->arena, value->count, sizeof *list);
    for (size_t i = 0; code == 0 && i < value->count; i++) {
        if (value->items[i]->kind == NODE_MAPPING)
            code = fields_read(r, value->items[i], &words_fields, &list[i]);
        else
            code = read_templates(r, field, value->items[i], &list[i].words);
    }
    *args = (struct custom_args){list, value->count};
    return code;
}

static int read_abilities(struct reader *r, const struct field *field, const struct node *value,
                          void *slot)
{
    const struct field row = {field->key, field_choice, 0, &ability_words};
    const struct node *const *items = (const struct node *const *)value->items;
    unsigned *can = slot;
    int code = 0, one;

    if (value->kind != NODE_SEQUENCE)
        return field_need_list(r, field->key, value);
    for (size_t i = 0; code == 0 && i < value->count; i++) {
        code = field_choice(r, &row, items[i], &one);
        if (code == 0)
            *can |= (unsigned)one;
    }
    return code;
}

static int read_path(struct reader *r, const struct field *field, const struct node *value,
                     struct event_path *ret)
{
    const char *text;
    int code = field_read_text(r, field->key, value, &text);

    if (code < 0)
        return code;
    const char *wrong = event_path_parse(text, r->arena, ret);
    if (!wrong)
        return 0;
    return reader_fail(r, value, "a place reads like message.content[type=text].text",
                       "%s is no place in an event: %s", node_describe(value, r->arena), wrong);
}

static int read_value(struct reader *r, const struct field *field, const struct node *value,
                      void *slot)
{
    struct custom_value *ret = slot;
    const struct node *const one[] = {value};
    bool list = value->kind == NODE_SEQUENCE;
    const struct node *const *items = list ? (const struct node *const *)value->items : one;
    size_t count = list ? value->count : 1;
    int code = 0;

    if (count > CUSTOM_PATHS_MAX)
        return reader_fail(r, value, "keep the first ones", "'%s' has more than %d places",
                           field->key, CUSTOM_PATHS_MAX);
    for (size_t i = 0; code == 0 && i < count; i++)
        code = read_path(r, field, items[i], &ret->at[i]);
    ret->count = count;
    return code;
}

static int read_conditions(struct reader *r, const struct field *field, const struct node *value,
                           void *slot)
{
    struct custom_rule *rule = slot;

    if (value->kind != NODE_MAPPING)
        return reader_fail(r, value, "write it like {type: result}", "'%s' must be a mapping",
                           field->key);
    struct custom_condition *list = arena_array(r->arena, value->count / 2, sizeof *list);
    for (size_t i = 0; i < value->count / 2; i++) {
        int code = read_path(r, field, value->items[2 * i], &list[i].path);
        if (code == 0)
            code = field_strings(r, field, value->items[2 * i + 1], &list[i].words);
        if (code < 0)
            return code;
    }
    rule->when.at = list;
    rule->when.count = value->count / 2;
    return 0;
}

#define VALUE_ROW(name) {#name, read_value, offsetof(struct custom_rule, name), NULL},
static const struct field rule_rows[] = {
    CUSTOM_TEXTS(VALUE_ROW) CUSTOM_NUMBERS(VALUE_ROW)
        VALUE_ROW(answer){"when", read_conditions, 0, NULL},
    {"fails", field_choice, offsetof(struct custom_rule, fails), &error_words},
    {"final", field_choice, offsetof(struct custom_rule, final), &yes_words},
    {"total", field_choice, offsetof(struct custom_rule, total), &yes_words},
};
static const struct field_table rule_fields = {"an event", rule_rows, COUNT_OF(rule_rows)};

static int read_file_path(struct reader *r, const struct field *field, const struct node *value,
                          void *slot)
{
    const char **path = slot;
    int code = read_template(r, field, value, path);

    if (code < 0)
        return code;
    if ((text_starts(*path, "{{home}}/") || text_starts(*path, "{{dir}}/")) &&
        !strstr(*path, "/../"))
        return 0;
    return reader_fail(r, value, "begin it with {{home}}/ or {{dir}}/",
                       "%s is not in a folder of the attempt", node_describe(value, r->arena));
}

static int read_link(struct reader *r, const struct field *field, const struct node *value,
                     void *slot)
{
    const char **link = slot;
    int code = field_read_text(r, field->key, value, link);

    if (code == 0 && !text_starts(*link, "~/"))
        return reader_fail(r, value, "begin it with ~/", "%s is not below the user's home",
                           node_describe(value, r->arena));
    return code;
}

static const struct field file_rows[] = {
    {"path", read_file_path, offsetof(struct custom_file, path), NULL},
    {"content", read_template, offsetof(struct custom_file, content), NULL},
    {"link", read_link, offsetof(struct custom_file, link), NULL},
};
static const struct field_table file_fields = {"a file", file_rows, COUNT_OF(file_rows)};

static const struct field pattern_rows[] = {
    {"text", field_text, offsetof(struct custom_pattern, text), NULL},
    {"has", field_text, offsetof(struct custom_pattern, has), NULL},
    {"log", field_text, offsetof(struct custom_pattern, log), NULL},
    {"error", field_choice, offsetof(struct custom_pattern, error), &error_words},
};
static const struct field_table pattern_fields = {"an error", pattern_rows, COUNT_OF(pattern_rows)};

/* A list of mappings as an array of structs of `size` bytes. */
static int read_list(struct reader *r, const struct field *field, const struct node *value,
                     size_t size, void **ret)
{
    int code = field_need_list(r, field->key, value);

    if (code == 0 && value->count > RULES_MAX)
        return reader_fail(r, value, "shorten it", "'%s' has more than %d entries", field->key,
                           RULES_MAX);
    *ret = code == 0 ? arena_array(r->arena, value->count, size) : NULL;
    for (size_t i = 0; code == 0 && i < value->count; i++)
        code = fields_read(r, value->items[i], field->rule, (char *)*ret + i * size);
    return code;
}

static int read_rules(struct reader *r, const struct field *field, const struct node *value,
                      void *slot)
{
    struct custom *c = slot;
    void *list;
    int code = read_list(r, field, value, sizeof *c->rules.at, &list);

    c->rules.at = list;
    c->rules.count = value->count;
    return code;
}

static int read_files(struct reader *r, const struct field *field, const struct node *value,
                      void *slot)
{
    struct custom *c = slot;
    void *list;
    int code = read_list(r, field, value, sizeof *c->files.at, &list);

    c->files.at = list;
    c->files.count = value->count;
    for (size_t i = 0; code == 0 && i < c->files.count; i++) {
        const struct custom_file *file = &c->files.at[i];
        if (!file->path || !file->content == !file->link)
            code = reader_fail(r, value->items[i], "a link leads to a file of the user",
                               "a file needs 'path', and 'content' or 'link'");
    }
    return code;
}

static int read_patterns(struct reader *r, const struct field *field, const struct node *value,
                         void *slot)
{
    struct custom *c = slot;
    void *list;
    int code = read_list(r, field, value, sizeof *c->patterns.at, &list);

    c->patterns.at = list;
    c->patterns.count = value->count;
    for (size_t i = 0; code == 0 && i < c->patterns.count; i++) {
        const struct custom_pattern *p = &c->patterns.at[i];
        if (!!p->text + !!p->has + !!p->log != 1)
            code = reader_fail(r, value->items[i], "write what it is known by",
                               "an error needs one of 'text', 'has' and 'log'");
    }
    return code;
}

static int read_exit(struct reader *r, struct node *const *pair, struct custom_exit *ret)
{
    const struct field code_row = {"exit_codes", field_int, 0, &exit_range};
    const struct field ok_row = {"exit_codes", field_choice, 0, &ok_words};
    const struct field row = {"exit_codes", field_choice, 0, &error_words};
    bool ok = pair[1]->kind == NODE_SCALAR && strcmp(pair[1]->text, "ok") == 0;
    int code = field_int(r, &code_row, pair[0], &ret->code);

    return code < 0 ? code : field_choice(r, ok ? &ok_row : &row, pair[1], &ret->error);
}

static int need_mapping(struct reader *r, const struct field *field, const struct node *value)
{
    if (value->kind == NODE_MAPPING)
        return 0;
    return reader_fail(r, value, "write it as 'key: value' lines", "'%s' must be a mapping",
                       field->key);
}

static int read_exits(struct reader *r, const struct field *field, const struct node *value,
                      void *slot)
{
    struct custom *c = slot;
    int code = need_mapping(r, field, value);

    if (code < 0)
        return code;
    struct custom_exit *list = arena_array(r->arena, value->count / 2, sizeof *list);
    for (size_t i = 0; code == 0 && i < value->count / 2; i++)
        code = read_exit(r, &value->items[2 * i], &list[i]);
    c->exits.at = list;
    c->exits.count = value->count / 2;
    return code;
}

static int read_set(struct reader *r, const struct field *field, const struct node *value,
                    void *slot)
{
    struct custom *c = slot;
    struct strings name;
    int code = need_mapping(r, field, value);

    if (code < 0)
        return code;
    struct custom_variable *list = arena_array(r->arena, value->count / 2, sizeof *list);
    for (size_t i = 0; code == 0 && i < value->count / 2; i++) {
        code = field_environment(r, field, value->items[2 * i], &name);
        if (code == 0)
            code = read_template(r, field, value->items[2 * i + 1], &list[i].value);
        list[i].name = code == 0 ? name.at[0] : NULL;
    }
    c->set.at = list;
    c->set.count = value->count / 2;
    return code;
}

/* What the numbers of its answer count, in the words of kelp-acp. */
static int read_acp_usage(struct reader *r, const struct field *field, const struct node *value,
                          void *slot)
{
    static const char *const words[] = {"prompt", "last", "session"};
    const char *word;
    int code = field_read_text(r, field->key, value, &word);

    for (size_t i = 0; code == 0 && i < COUNT_OF(words); i++)
        if (strcmp(word, words[i]) == 0) {
            *(const char **)slot = word;
            return 0;
        }
    if (code < 0)
        return code;
    return reader_fail(r, value, reader_suggest(r, word, words, COUNT_OF(words)),
                       "'%s' can't be %s", field->key, node_describe(value, r->arena));
}

#define AT(member) offsetof(struct custom, member)

static const struct field environment_rows[] = {
    {"pass", field_environment, AT(pass), NULL},
    {"secrets", field_environment, AT(secrets), NULL},
    {"set", read_set, 0, NULL},
};
static const struct field usage_rows[] = {
    {"input_has_cached", field_choice, AT(input_has_cached), &yes_words},
    {"output_lacks_reasoning", field_choice, AT(output_lacks_reasoning), &yes_words},
    {"cumulative", field_choice, AT(cumulative), &yes_words},
};
static const struct field acp_rows[] = {
    {"mode", field_text, AT(mode), NULL},
    {"read_only_mode", field_text, AT(read_only_mode), NULL},
    {"usage", read_acp_usage, AT(usage), NULL},
    {"any_model", field_choice, AT(any_model), &yes_words},
};
static const struct field_table environment_fields = {"the environment", environment_rows,
                                                      COUNT_OF(environment_rows)};
static const struct field_table usage_fields = {"usage", usage_rows, COUNT_OF(usage_rows)};
static const struct field_table acp_fields = {"acp", acp_rows, COUNT_OF(acp_rows)};

/* A mapping whose keys are members of the driver itself. */
static int read_group(struct reader *r, const struct field *field, const struct node *value,
                      void *custom)
{
    return fields_read(r, value, field->rule, custom);
}

static const struct field custom_rows[] = {
    {"name", field_name, AT(name), NULL},
    {"what", field_text, AT(what), NULL},
    {"like", field_name, AT(like_name), NULL},
    {"program", field_text, AT(program), NULL},
    {"version", field_strings, AT(version), NULL},
    {"install", field_text, AT(install), NULL},
    {"tried", field_text, AT(tried), NULL},
    {"configured_by", field_strings, AT(configured_by), NULL},
    {"endpoints", field_hosts, AT(endpoints), NULL},
    {"keeps", read_places, AT(keeps), NULL},
    {"can", read_abilities, AT(can), NULL},
    {"args", read_args, AT(args), NULL},
    {"resume", read_args, AT(resume), NULL},
    {"prompt", field_choice, AT(prompt), &prompt_words},
    {"output", field_choice, AT(output), &output_words},
    {"home", field_environment, AT(home), NULL},
    {"environment", read_group, 0, &environment_fields},
    {"files", read_files, 0, &file_fields},
    {"writable", read_templates, AT(writable), NULL},
    {"events", read_rules, 0, &rule_fields},
    {"usage", read_group, 0, &usage_fields},
    {"exit_codes", read_exits, 0, NULL},
    {"errors", read_patterns, 0, &pattern_fields},
    {"acp", read_group, 0, &acp_fields},
};
static const struct field_table custom_fields = {"a driver", custom_rows, COUNT_OF(custom_rows)};

static bool has_final(const struct custom *c)
{
    for (size_t i = 0; i < c->rules.count; i++)
        if (c->rules.at[i].final)
            return true;
    return false;
}

/* The prompt has to reach the program, once. */
static int check_prompt(struct reader *r, const struct node *root, const struct custom *c,
                        const struct custom_args *args)
{
    bool argument = custom_uses(args, "prompt"), file = custom_uses(args, "prompt_file");
    const char *list = args == &c->args ? "args" : "resume";

    if (c->prompt == CUSTOM_PROMPT_ARGUMENT && !argument)
        return reader_fail(r, root, "write {{prompt}} there, or 'prompt: stdin'",
                           "no word of '%s' holds the prompt", list);
    if (c->prompt == CUSTOM_PROMPT_FILE && !file)
        return reader_fail(r, root, "write {{prompt_file}} there, or 'prompt: stdin'",
                           "no word of '%s' names the file of the prompt", list);
    if (c->prompt == CUSTOM_PROMPT_STDIN && argument)
        return reader_fail(r, root, "write 'prompt: argument' or take {{prompt}} out",
                           "the prompt is given twice");
    return 0;
}

/* What the keys say together. */
static int check(struct reader *r, const struct node *root, const struct custom *c)
{
    if (!c->name || !c->program)
        return reader_fail(r, root, "add it", "a driver needs '%s'", c->name ? "program" : "name");
    int code = check_prompt(r, root, c, &c->args);
    if (code == 0 && c->resume.count)
        code = check_prompt(r, root, c, &c->resume);
    if (code < 0)
        return code;
    if ((c->output == CUSTOM_JSONL) != (c->rules.count > 0))
        return reader_fail(r, root, "'output: jsonl' and 'events' go together",
                           c->rules.count ? "'events' without JSON lines"
                                          : "JSON lines without 'events'");
    if (c->output == CUSTOM_JSONL && !has_final(c))
        return reader_fail(r, root, "mark the event that ends the stream with 'final: true'",
                           "no event is the final one");
    if (c->output == CUSTOM_ACP && c->prompt != CUSTOM_PROMPT_STDIN)
        return reader_fail(r, root, "take 'prompt' out", "ACP carries the prompt itself");
    return 0;
}

int custom_parse(const struct source *source, struct arena *a, struct custom *ret, struct fault *f)
{
    AUTO_ARENA nodes = {0};
    struct node *root = NULL;
    struct reader r = {.arena = a, .file = arena_string(a, source->name), .fault = f};
    struct custom c = {
        .what = "", .tried = "", .mode = "", .read_only_mode = "", .usage = "", .file = r.file};
    int code = source_check(source, CUSTOM_BYTES_MAX, f);

    if (code == 0)
        code = node_read_yaml(source, &nodes, &root, f);
    if (code == 0 && !root)
        code = source_fail(source, 0, "the file is empty", f);
    if (code == 0)
        code = fields_read(&r, root, &custom_fields, &c);
    if (code == 0)
        code = check(&r, root, &c);
    if (code < 0)
        return code;
    if (strcmp(c.tried, "no") == 0)
        c.tried = "";
    *ret = c;
    return 0;
}
