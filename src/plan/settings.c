/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/settings.h"

#include "base/size.h"
#include "base/text.h"

#include <string.h>

enum { RETRIES_MAX = 100, MINUTES_MAX = 1000 * 1000 };

#define WORDS(name, ...)                                          \
    static const struct field_word name##_list[] = {__VA_ARGS__}; \
    const struct field_words name = {name##_list, COUNT_OF(name##_list)}

WORDS(isolation_words, {"clone", ISOLATION_CLONE}, {"none", ISOLATION_NONE});
WORDS(schedule_words, {"wave", SCHEDULE_WAVE}, {"flow", SCHEDULE_FLOW});
WORDS(network_words, {"all", NETWORK_ALL}, {"endpoint", NETWORK_ENDPOINT}, {"none", NETWORK_NONE});

WORDS(land_words, {"merge", LAND_MERGE}, {"branch", LAND_BRANCH}, {"none", LAND_NONE});
WORDS(push_words, {"auto", PUSH_AUTO}, {"always", PUSH_ALWAYS}, {"never", PUSH_NEVER});

static const struct field_range retries_range = {0, RETRIES_MAX};
static const struct field_range minutes_range = {0, MINUTES_MAX};
static const struct field_range usd_range = {0, 1e9};
static const struct field_range tokens_range = {1, 1e15};
static const struct field_range memory_range = {16 << 20, 1e18};
static const struct field_range processes_range = {1, 1 << 22};
static const struct field_range open_files_range = {16, 1 << 30};
static const struct field_range file_size_range = {64 << 10, 1e18};

/* "HOST:PORT": a name, or an address, an IPv6 one in brackets. */
static bool is_host(const char *word)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    bool address = *word == '[';
    size_t length = address ? 1 + strspn(word + 1, "0123456789abcdefABCDEF:.") : strspn(word, name);
    int64_t port;

    if (address && word[length++] != ']')
        return false;
    return length > (address ? 2U : 0U) && word[length] == ':' &&
           strspn(word + length + 1, "0123456789") == strlen(word + length + 1) &&
           text_to_int64(word + length + 1, 1, UINT16_MAX, &port);
}

int field_hosts(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    struct strings *hosts = slot;
    int code = field_strings(r, field, value, hosts);

    for (size_t i = 0; code == 0 && i < hosts->count; i++)
        if (!is_host(hosts->at[i]))
            return reader_fail(r, value->kind == NODE_SEQUENCE ? value->items[i] : value,
                               "write each with its port: example.org:443", "'%s' is not HOST:PORT",
                               hosts->at[i]);
    return code;
}

/* More are no use: what is named is there with all that is below. */
enum { SANDBOX_PATHS_MAX = 24 };

static bool is_whole_path(const char *path)
{
    return *path == '/' || strcmp(path, "~") == 0 || text_starts(path, "~/");
}

static int field_paths(struct reader *r, const struct field *field, const struct node *value,
                       void *slot)
{
    struct strings *paths = slot;
    int code = field_strings(r, field, value, paths);

    if (code == 0 && paths->count > SANDBOX_PATHS_MAX)
        return reader_fail(r, value, "name the folders above them",
                           "'%s' has %zu paths, at most %d", field->key, paths->count,
                           SANDBOX_PATHS_MAX);
    for (size_t i = 0; code == 0 && i < paths->count; i++)
        if (!is_whole_path(paths->at[i]))
            return reader_fail(r, value->kind == NODE_SEQUENCE ? value->items[i] : value,
                               "write it from the root, or from your home: ~/.cache/thing",
                               "'%s' is not a whole path", paths->at[i]);
    return code;
}

static bool is_off(const struct node *value)
{
    return value->kind == NODE_SCALAR && strcmp(value->text, "off") == 0;
}

/* int64_t: bytes, or LIMIT_OFF; struct field_range. */
static int read_size(struct reader *r, const struct field *field, const struct node *value,
                     void *slot)
{
    const struct field_range *range = field->rule;

    if (is_off(value)) {
        *(int64_t *)slot = LIMIT_OFF;
        return 0;
    }
    if (value->kind == NODE_SCALAR &&
        size_parse(value->text, (int64_t)range->min, (int64_t)range->max, slot))
        return 0;
    AUTO_FREE char *least = size_text((uint64_t)range->min);
    return reader_fail(r, value,
                       arena_format(r->arena,
                                    "write a size of at least %s, such as 512MiB or 4GiB, or 'off'",
                                    least),
                       "'%s' can't be %s", field->key, node_describe(value, r->arena));
}

/* int64_t: a whole number, or LIMIT_OFF; struct field_range. */
static int read_most(struct reader *r, const struct field *field, const struct node *value,
                     void *slot)
{
    if (!is_off(value))
        return field_int64(r, field, value, slot);
    *(int64_t *)slot = LIMIT_OFF;
    return 0;
}

#define AT(member) offsetof(struct plan_limits, member)
static const struct field limit_rows[] = {
    {"minutes", field_number, AT(minutes), &minutes_range},
    {"agent_minutes", field_number, AT(agent_minutes), &minutes_range},
    {"usd", field_number, AT(usd), &usd_range},
    {"tokens", field_int64, AT(tokens), &tokens_range},
    {"memory", read_size, AT(memory_bytes), &memory_range},
    {"processes", read_most, AT(processes), &processes_range},
    {"open_files", read_most, AT(open_files), &open_files_range},
    {"file_size", read_size, AT(file_bytes), &file_size_range},
};
#undef AT
static const struct field_table limit_fields = {"limits", limit_rows, COUNT_OF(limit_rows), NULL};

static const struct field sandbox_rows[] = {
    {"hosts", field_hosts, offsetof(struct plan_sandbox, hosts), NULL},
    {"network", field_choice, offsetof(struct plan_sandbox, network), &network_words},
    {"read", field_paths, offsetof(struct plan_sandbox, read), NULL},
    {"write", field_paths, offsetof(struct plan_sandbox, write), NULL},
};
static const struct field_table sandbox_fields = {"sandbox", sandbox_rows, COUNT_OF(sandbox_rows),
                                                  NULL};

static int read_limits(struct reader *r, const struct field *field, const struct node *value,
                       void *slot)
{
    (void)field;
    return fields_read(r, value, &limit_fields, slot);
}

static int read_sandbox(struct reader *r, const struct field *field, const struct node *value,
                        void *slot)
{
    struct plan_sandbox *sandbox = slot;

    if (is_off(value)) {
        sandbox->off = true;
        return 0;
    }
    if (value->kind != NODE_MAPPING)
        return reader_fail(r, value,
                           "write 'off', or a mapping with 'write', 'read', 'network' and 'hosts'",
                           "'%s' can't be %s", field->key, node_describe(value, r->arena));
    sandbox->off = false;
    return fields_read(r, value, &sandbox_fields, sandbox);
}

static int read_stall(struct reader *r, const struct field *field, const struct node *value,
                      void *slot)
{
    if (is_off(value) || (value->kind == NODE_SCALAR && strcmp(value->text, "0") == 0)) {
        *(double *)slot = 0;
        return 0;
    }
    return field_number(r, field, value, slot);
}

int field_url(struct reader *r, const struct field *field, const struct node *value, void *slot)
{
    const char *text = "";
    int code = field_read_text(r, field->key, value, &text);

    if (code < 0)
        return code;
    size_t scheme = text_starts(text, "https://") ? 8 : text_starts(text, "http://") ? 7 : 0;
    if (!scheme || !text[scheme] || text[strcspn(text, " \t\r\n")])
        return reader_fail(r, value, "write it with its scheme: http://127.0.0.1:8080/v1",
                           "'%s' can't be %s", field->key, node_describe(value, r->arena));
    *(const char **)slot = text;
    return 0;
}

#define AT(member) offsetof(struct scope, member)
static const struct field setting_rows[] = {
    {"agent", field_name, AT(settings.agent), NULL},
    {"model", field_text, AT(settings.model), NULL},
    {"base_url", field_url, AT(settings.base_url), NULL},
    {"role", field_text, AT(role), NULL},
    {"isolation", field_choice, AT(settings.isolation), &isolation_words},
    {"schedule", field_choice, AT(settings.schedule), &schedule_words},
    {"sandbox", read_sandbox, AT(settings.sandbox), NULL},
    {"retries", field_int, AT(settings.retries), &retries_range},
    {"stall", read_stall, AT(settings.stall_minutes), &minutes_range},
    {"limits", read_limits, AT(settings.limits), NULL},
};
const struct field_table settings_fields = {"settings", setting_rows, COUNT_OF(setting_rows), NULL};

int field_environment(struct reader *r, const struct field *field, const struct node *value,
                      void *slot)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_";
    struct strings *names = slot;
    int code = field_strings(r, field, value, names);

    for (size_t i = 0; code == 0 && i < names->count; i++) {
        const char *name = names->at[i];
        if (!name[strspn(name, allowed)] && !(name[0] >= '0' && name[0] <= '9'))
            continue;
        return reader_fail(r, value->kind == NODE_SEQUENCE ? value->items[i] : value,
                           "list names only, such as NPM_TOKEN; their values are kelp's own",
                           "'%s' is not the name of an environment variable", name);
    }
    return code;
}

struct scope scope_default(void)
{
    return (struct scope){.settings = {.agent = "",
                                       .model = "",
                                       .base_url = "",
                                       .retries = RETRIES_DEFAULT,
                                       .stall_minutes = -1},
                          .role = ""};
}

const char *words_name(const struct field_words *words, int value)
{
    for (size_t i = 0; i < words->count; i++)
        if (words->words[i].value == value)
            return words->words[i].word;
    return words->words[0].word;
}
