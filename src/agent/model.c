/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/model.h"

#include "agent/kelp_stream.h"
#include "base/vector.h"

static const char *option_name(enum model_option option)
{
    static const char *const names[] = {
#define MODEL_OPTION_NAME(name, word, ...) [MODEL_OPTION_##name] = (word),
        MODEL_OPTIONS(MODEL_OPTION_NAME)
#undef MODEL_OPTION_NAME
    };

    return names[option];
}

/* A command line in the making; its words live in the arena. */
struct words {
    struct arena *arena;
    VECTOR(const char *) list;
};

static void add_option(struct words *w, enum model_option option, const char *value)
{
    if (*value)
        vector_push(&w->list, arena_format(w->arena, "--%s=%s", option_name(option), value));
}

static const struct driver_file *schema_file(const struct driver_request *q, struct arena *a)
{
    struct driver_file *file = ARENA_NEW(a, struct driver_file);

    file->path = arena_format(a, "%s/schema.json", q->dir);
    file->content = q->schema;
    return file;
}

static const char *const *command_line(const struct driver_request *q, const char *schema_path,
                                       struct arena *a)
{
    struct words w = {.arena = a};

    vector_push(&w.list, q->program);
    add_option(&w, MODEL_OPTION_BASE_URL, q->base_url);
    add_option(&w, MODEL_OPTION_MODEL, q->model);
    add_option(&w, MODEL_OPTION_WORK, q->work);
    add_option(&w, MODEL_OPTION_SESSION_DIR, q->home);
    add_option(&w, MODEL_OPTION_RESUME, q->session);
    add_option(&w, MODEL_OPTION_SCHEMA, schema_path);
    if (q->read_only)
        vector_push(&w.list, arena_format(a, "--%s", option_name(MODEL_OPTION_READ_ONLY)));
    vector_push(&w.list, NULL);
    const char *const *argv = arena_copy(a, w.list.at, w.list.count * sizeof *w.list.at);
    vector_free(&w.list);
    return argv;
}

static int prepare(const struct driver *d UNUSED, const struct driver_request *q, struct arena *a,
                   struct driver_launch *ret, struct fault *f)
{
    static const char *const pass[] = {
        MODEL_KEY_ANY, MODEL_KEY_CHAT, MODEL_KEY_MESSAGES, MODEL_URL_CHAT,  MODEL_URL_MESSAGES,
        "http_proxy",  "https_proxy",  "HTTPS_PROXY",      "all_proxy",     "ALL_PROXY",
        "no_proxy",    "NO_PROXY",     "CURL_CA_BUNDLE",   "SSL_CERT_FILE", "SSL_CERT_DIR",
    };
    enum { SECRETS = 3 }; /* the first of them */
    const char **names = arena_copy(a, pass, sizeof pass);

    if (!*q->model) {
        int r = fault_set(f, FAULT_ENVIRONMENT, "the agent 'model' has no model");
        fault_hint(f, "name one: --model NAME, or `model:` in the plan");
        return r;
    }
    *ret = (struct driver_launch){
        .pass = {names, COUNT_OF(pass)},
        .secrets = {names, SECRETS},
        .files = *q->schema ? schema_file(q, a) : NULL,
        .file_count = *q->schema ? 1 : 0,
        .prompt_on_stdin = true,
    };
    ret->argv = command_line(q, ret->files ? ret->files->path : "", a);
    return 0;
}

static const char *const version_argv[] = {"--version", NULL};
static const char *const configured_by[] = {MODEL_KEY_ANY,  MODEL_KEY_CHAT,     MODEL_KEY_MESSAGES,
                                            MODEL_URL_CHAT, MODEL_URL_MESSAGES, NULL};

static const char *const model_endpoints[] = {"api.openai.com:443", "api.anthropic.com:443", NULL};

const struct driver driver_model = {
    .name = "model",
    .what = "kelp's own agent, over any OpenAI- or Anthropic-compatible endpoint",
    .can = DRIVER_SESSIONS | DRIVER_SCHEMA | DRIVER_TOKENS,
    .program = "kelp-agent",
    .version_argv = version_argv,
    .install_hint = "it is part of kelp: install kelp again",
    .configured_by = configured_by,
    .endpoints = model_endpoints,
    .prepare = prepare,
    .reader = &kelp_reader,
};
