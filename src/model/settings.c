/* SPDX-License-Identifier: Apache-2.0 */
#include "model/settings.h"

#include "agent/model.h"
#include "base/text.h"
#include "model/endpoint.h"

#include <string.h>
#include <unistd.h>

enum kind { TEXT, CHOICE, FLAG, INT };

/* A row of the options, with where its value goes. */
static const struct row {
    const char *name;
    enum kind kind;
    int64_t min, max;
    const char *otherwise;
} rows[] = {
#define ROW(id, name, kind, value, min, max, otherwise, unit, help) \
    [MODEL_OPTION_##id] = {name, kind, min, max, otherwise},
    MODEL_OPTIONS(ROW)
#undef ROW
};

/* What was given, by option; NULL: nothing. Borrowed. */
struct given {
    const char *values[MODEL_OPTION_COUNT];
    struct text words;
};

static int find_row(const char *word, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strlen(rows[i].name) == length && strncmp(rows[i].name, word, length) == 0)
            return (int)i;
    return -1;
}

static void add_word(struct given *g, const char *word)
{
    if (g->words.length)
        text_add_char(&g->words, ' ');
    text_add(&g->words, word);
}

/* "--name=value" or "--name value". Returns how many words that took. */
static int read_option(struct given *g, const char *word, const char *next, struct fault *f)
{
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    int i = text_starts(word, "--") && length > 2 ? find_row(word + 2, length - 2) : -1;

    if (i < 0)
        return fault_set(f, FAULT_USAGE, "unknown option '%s'", word);
    if (rows[i].kind == FLAG) {
        if (equals)
            return fault_set(f, FAULT_USAGE, "option '--%s' takes no value", rows[i].name);
        g->values[i] = "";
        return 1;
    }
    g->values[i] = equals ? equals + 1 : next;
    if (!g->values[i] || !*g->values[i])
        return fault_set(f, FAULT_USAGE, "option '--%s' needs a value", rows[i].name);
    return equals ? 1 : 2;
}

static int read_words(int argc, char *const *argv, struct given *g, struct fault *f)
{
    bool options = true;

    for (int i = 1, used; i < argc; i += used) {
        used = 1;
        if (options && strcmp(argv[i], "--") == 0)
            options = false;
        else if (options && argv[i][0] == '-' && argv[i][1])
            used = read_option(g, argv[i], argv[i + 1], f);
        else
            add_word(g, argv[i]);
        if (used < 0)
            return used;
    }
    return 0;
}

static char *copy(const struct given *g, enum model_option option)
{
    const char *value = g->values[option] ? g->values[option] : rows[option].otherwise;

    return value ? mem_string(value) : NULL;
}

static int number(const struct given *g, enum model_option option, int64_t *ret, struct fault *f)
{
    const struct row *row = &rows[option];
    const char *value = g->values[option] ? g->values[option] : row->otherwise;

    if (!value || text_to_int64(value, row->min, row->max, ret))
        return 0;
    return fault_set(f, FAULT_USAGE, "option '--%s': '%s' is no number from %lld to %lld",
                     row->name, value, (long long)row->min, (long long)row->max);
}

static int numbers(const struct given *g, struct settings *s, struct fault *f)
{
    const struct {
        enum model_option option;
        int64_t *value;
    } all[] = {
        {MODEL_OPTION_WINDOW, &s->window},       {MODEL_OPTION_ANSWER_TOKENS, &s->answer_tokens},
        {MODEL_OPTION_MAX_TURNS, &s->max_turns}, {MODEL_OPTION_MAX_TOKENS, &s->max_tokens},
        {MODEL_OPTION_STALL, &s->stall_s},       {MODEL_OPTION_ASK_LIMIT, &s->ask_limit_s},
    };
    int r = 0;

    for (size_t i = 0; i < COUNT_OF(all) && r == 0; i++)
        r = number(g, all[i].option, all[i].value, f);
    return r;
}

/* NULL where it is unset or empty. */
static char *variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? mem_string(value) : NULL;
}

/* The bytes go, too: /proc shows the environment that the process was given. */
static char *take_secret(const char *name)
{
    char *value = getenv(name);
    char *taken = variable(name);

    if (value)
        explicit_bzero(value, strlen(value));
    (void)unsetenv(name); /* it is a good name */
    return taken;
}

static void take_keys(struct settings *s)
{
    AUTO_FREE char *any = take_secret(MODEL_KEY_ANY);

    s->chat_key = take_secret(MODEL_KEY_CHAT);
    s->messages_key = take_secret(MODEL_KEY_MESSAGES);
    if (!any)
        return;
    free(s->chat_key);
    free(s->messages_key);
    s->chat_key = mem_string(any);
    s->messages_key = mem_string(any);
}

/* Where no address is given, a variable or a key tells it. */
static char *find_base_url(const struct settings *s)
{
    char *url = variable(MODEL_URL_CHAT);

    if (!url)
        url = variable(MODEL_URL_MESSAGES);
    if (!url && s->messages_key && !s->chat_key)
        url = mem_string("https://api.anthropic.com");
    if (!url && s->chat_key && !s->messages_key)
        url = mem_string("https://api.openai.com/v1");
    return url;
}

static int choose_api(const struct given *g, struct settings *s, struct fault *f)
{
    const char *word = g->values[MODEL_OPTION_API];
    bool sure = true;

    if (!word || strcmp(word, "auto") == 0)
        s->api = endpoint_kind(s->base_url, &sure);
    else if (strcmp(word, api_chat.name) == 0)
        s->api = &api_chat;
    else if (strcmp(word, api_messages.name) == 0)
        s->api = &api_messages;
    else
        return fault_set(f, FAULT_USAGE, "option '--api': '%s' is none of auto, chat, messages",
                         word);
    s->guessed = !sure;
    return 0;
}

static int complete(const struct given *g, struct settings *s, struct fault *f)
{
    int r = 0;

    if (!s->base_url)
        s->base_url = find_base_url(s);
    if (!s->base_url)
        r = fault_set(f, FAULT_USAGE, "there is no endpoint");
    else if (!s->model)
        r = fault_set(f, FAULT_USAGE, "there is no model");
    else if (text_utf8_valid(s->model, strlen(s->model)) < strlen(s->model))
        r = fault_set(f, FAULT_USAGE, "the model's name is not valid UTF-8");
    if (r < 0)
        fault_hint(f, "for example --base-url http://127.0.0.1:8080/v1 --model NAME");
    return r < 0 ? r : choose_api(g, s, f);
}

static int fill(struct given *g, struct settings *s, struct fault *f)
{
    s->base_url = copy(g, MODEL_OPTION_BASE_URL);
    s->model = copy(g, MODEL_OPTION_MODEL);
    s->work = copy(g, MODEL_OPTION_WORK);
    s->session_dir = copy(g, MODEL_OPTION_SESSION_DIR);
    s->resume = copy(g, MODEL_OPTION_RESUME);
    s->schema = copy(g, MODEL_OPTION_SCHEMA);
    s->read_only = g->values[MODEL_OPTION_READ_ONLY] != NULL;
    s->prompt = g->words.length ? text_take(&g->words) : NULL;
    s->result_path = variable("KELP_RESULT");
    s->context_dir = variable("KELP_CONTEXT");
    take_keys(s);
    int r = numbers(g, s, f);
    return r < 0 ? r : complete(g, s, f);
}

int settings_read(int argc, char *const *argv, struct settings *ret, struct fault *f)
{
    struct given g = {0};
    struct settings s = {0};

    int r = read_words(argc, argv, &g, f);
    if (r == 0)
        r = fill(&g, &s, f);
    text_free(&g.words);
    if (r < 0)
        settings_free(&s);
    else
        *ret = s;
    return r;
}

void settings_free(struct settings *s)
{
    char **const strings[] = {
        &s->base_url, &s->model,    &s->work,         &s->session_dir, &s->resume,      &s->schema,
        &s->prompt,   &s->chat_key, &s->messages_key, &s->result_path, &s->context_dir,
    };

    for (size_t i = 0; i < COUNT_OF(strings); i++)
        mem_free_pointer(strings[i]);
    *s = (struct settings){0};
}
