/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenCode, as `opencode run` with a stream of JSON lines. It has no final event: the reason of the
 * last step says whether there was an end. Tokens and cost are those of each step, and add up.
 */
#include "agent/builtin.h"
#include "agent/launch.h"

#include <string.h>

static const char *const opencode_args[] = {"run", "--format", "json", "--auto", NULL};

static const char *const opencode_environment[] = {
    "OPENCODE_DISABLE_AUTOUPDATE=1",   "OPENCODE_DISABLE_MODELS_FETCH=1",
    "OPENCODE_DISABLE_LSP_DOWNLOAD=1", "OPENCODE_DISABLE_DEFAULT_PLUGINS=1",
    "OPENCODE_DISABLE_SHARE=1",        NULL,
};

static const char *const opencode_links[] = {
    "opencode.json", "opencode.jsonc", "config.json", "AGENTS.md", "agent",        "agents",
    "command",       "commands",       "mode",        "modes",     "plugin",       "plugins",
    "skill",         "skills",         "tool",        "tools",     "node_modules", NULL,
};

/* Its folder of configuration is that of the tools as well that its shells run. */
static const char *const other_links[] = {"git", "gh", NULL};

static const char *const opencode_logins[] = {"auth.json", NULL};

static const char *const opencode_passes[] = {"OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", NULL};

/* Keys that open models and nothing else: what opens a whole cloud or a user's repositories passes
 * only if the configuration names it. */
static const char *const opencode_secrets[] = {
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_GENERATIVE_AI_API_KEY",
    "GROQ_API_KEY",
    "MISTRAL_API_KEY",
    "DEEPSEEK_API_KEY",
    "XAI_API_KEY",
    "CEREBRAS_API_KEY",
    "TOGETHER_API_KEY",
    "FIREWORKS_API_KEY",
    "MOONSHOT_API_KEY",
    "ZHIPU_API_KEY",
    "OPENCODE_API_KEY",
    "AWS_BEARER_TOKEN_BEDROCK",
    NULL,
};

/* An endpoint of the user's, as chat completions; a key is only named. */
static json_t *opencode_provider(struct launch *l)
{
    json_t *options = json_pack("{s:s}", "baseURL", l->q->base_url);

    if (launch_variable(l, "OPENAI_API_KEY"))
        json_object_set_new(options, "apiKey", json_string("{env:OPENAI_API_KEY}"));
    return json_pack("{s:{s:s, s:s, s:o, s:{s:{s:s}}}}", "kelp", "npm", "@ai-sdk/openai-compatible",
                     "name", "kelp", "options", options, "models", l->q->model, "name",
                     l->q->model);
}

/* It wins over what is in files. */
static void opencode_set_config(struct launch *l)
{
    json_auto_t *config = json_pack("{s:b, s:s}", "autoupdate", 0, "share", "disabled");

    if (l->q->read_only)
        json_object_set_new(config, "permission", json_pack("{s:s}", "edit", "deny"));
    if (*l->q->base_url)
        json_object_set_new(config, "provider", opencode_provider(l));
    AUTO_FREE char *text = json_text(config, 0);
    launch_set(l, "OPENCODE_CONFIG_CONTENT", text);
}

static void opencode_set_home(struct launch *l)
{
    const char *config = launch_user_dir(l, "XDG_CONFIG_HOME", ".config");
    const char *data = launch_user_dir(l, "XDG_DATA_HOME", ".local/share");

    launch_set(l, "XDG_CONFIG_HOME", launch_home(l, ".config"));
    launch_set(l, "XDG_DATA_HOME", launch_home(l, ".local/share"));
    launch_set(l, "XDG_STATE_HOME", launch_home(l, ".local/state"));
    launch_links(l, launch_home(l, ".config"), config, other_links);
    launch_links(l, launch_home(l, ".config/opencode"),
                 arena_format(l->arena, "%s/opencode", config), opencode_links);
    launch_login_links(l, launch_home(l, ".local/share/opencode"),
                       arena_format(l->arena, "%s/opencode", data), opencode_logins);
}

static int opencode_prepare(const struct driver *d UNUSED, const struct driver_request *q,
                            struct arena *a, struct driver_launch *ret, struct fault *f)
{
    struct launch l = {.q = q, .arena = a};

    if (*q->base_url && !*q->model) {
        int r = fault_set(f, FAULT_ENVIRONMENT, "opencode has an endpoint and no model");
        fault_hint(f, "name one: --model NAME, or `model:` in the plan");
        return r;
    }
    launch_arg(&l, q->program);
    launch_args(&l, opencode_args);
    launch_option(&l, "-m", *q->base_url ? arena_format(a, "kelp/%s", q->model) : q->model);
    launch_option(&l, "-s", q->session);

    launch_set_all(&l, opencode_environment);
    opencode_set_config(&l);
    opencode_set_home(&l);
    launch_pass(&l, opencode_passes);
    launch_pass_secrets(&l, opencode_secrets);
    ret->prompt_on_stdin = true;
    launch_finish(&l, ret);
    return 0;
}

static void take_step_start(struct reading *r, const json_t *event UNUSED)
{
    reading_goes_on(r);
    r->final = false; /* there is more than the last step */
}

static void take_text(struct reading *r, const json_t *event)
{
    reading_say(r, json_at_string(event, "part.text", ""));
}

static void take_tool(struct reading *r, const json_t *event)
{
    const char *error = json_at_string(event, "part.state.error", "");

    reading_calls(r, json_at_string(event, "part.tool", "tool"),
                  json_at(event, "part.state.input"));
    reading_called(r, strstr(error, "rejected permission") != NULL);
}

/* How a step can end; another reason means that more is to come. */
static const struct {
    const char *reason;
    enum attempt_error error;
    const char *message;
} finishes[] = {
    {"stop", ERROR_NONE, NULL},
    {"length", ERROR_FAILED, "its answer was cut off: too many tokens"},
    {"content-filter", ERROR_REFUSED, "its provider's filter stopped the answer"},
};

static void take_finish_reason(struct reading *r, const char *reason)
{
    r->final = false;
    for (size_t i = 0; i < COUNT_OF(finishes); i++)
        if (strcmp(reason, finishes[i].reason) == 0) {
            r->final = true;
            if (finishes[i].error)
                reading_fails(r, finishes[i].error, finishes[i].message);
        }
}

static void take_step_finish(struct reading *r, const json_t *event)
{
    const json_t *tokens = json_at(event, "part.tokens");
    struct token_counts used = {
        .input = reading_count(tokens, "input"),
        .cached = reading_count(tokens, "cache.read") + reading_count(tokens, "cache.write"),
        .output = reading_count(tokens, "output") + reading_count(tokens, "reasoning"),
        .reasoning = reading_count(tokens, "reasoning"),
    };
    double usd = json_at_number(event, "part.cost", 0);

    tokens_add(&r->used, &used);
    if (used.input + used.cached)
        r->context_tokens = used.input + used.cached;
    if (usd > 0) /* 0 is also what it says without a price */
        reading_costs(r, usd);
    take_finish_reason(r, json_at_string(event, "part.reason", ""));
}

/* Errors by name, where the message does not say as much. */
static const struct {
    const char *name;
    enum attempt_error error;
} names[] = {
    {"ProviderAuthError", ERROR_AUTH},
    {"ContextOverflowError", ERROR_CONTEXT_FULL},
    {"MessageOutputLengthError", ERROR_FAILED},
    {"MessageAbortedError", ERROR_CRASH},
};

/* The body of the provider's answer can be more exact than its message. */
static enum attempt_error classify_api(const json_t *data)
{
    enum attempt_error by_body = reading_classify(0, json_at_string(data, "responseBody", ""));

    return by_body == ERROR_QUOTA || by_body == ERROR_CONTEXT_FULL
               ? by_body
               : reading_classify((int)reading_count(data, "statusCode"),
                                  json_at_string(data, "message", ""));
}

static void take_error(struct reading *r, const json_t *event)
{
    const json_t *data = json_at(event, "error.data");
    const char *name = json_at_string(event, "error.name", "error");
    const char *message = json_at_string(data, "message", name);
    double seconds = 0;

    r->final = true;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(name, names[i].name) == 0)
            reading_fails(r, names[i].error, message);
    reading_fails(r, classify_api(data), message);
    if (text_to_double(json_at_string(data, "responseHeaders.retry-after", ""), &seconds))
        r->retry_after_ms = (int64_t)(seconds > 0 && seconds < 1e6 ? seconds * 1000 : 0);
    else
        r->retry_after_ms = reading_retry_after_ms(message);
}

static const struct reading_event opencode_events[] = {
    {"step_start", take_step_start},   {"text", take_text},   {"tool_use", take_tool},
    {"step_finish", take_step_finish}, {"error", take_error},
};

static void opencode_event(struct reading *r, const json_t *event)
{
    reading_session(r, json_at_string(event, "sessionID", NULL));
    reading_take(r, event, json_at_string(event, "type", ""), opencode_events,
                 COUNT_OF(opencode_events));
}

/* A refused tool ends the run, with exit status 0 and no last word. */
static void opencode_end(struct reading *r, const struct reading_exit *exit)
{
    if (!r->final && r->denied && exit->exit_code == 0)
        reading_fails(r, ERROR_BLOCKED, "it stopped because a tool was refused");
    reading_exits(r, exit);
}

static const struct stream_reader opencode_reader = {.event = opencode_event, .end = opencode_end};

static const char *const opencode_version[] = {"--version", NULL};

static const char *const opencode_configured_by[] = {
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "GEMINI_API_KEY",
    "~/.local/share/opencode/auth.json",
    "~/.config/opencode/opencode.json",
    "~/.config/opencode/opencode.jsonc",
    NULL,
};

static const char *const opencode_endpoints[] = {"opencode.ai:443",
                                                 "models.dev:443",
                                                 "api.anthropic.com:443",
                                                 "api.openai.com:443",
                                                 "generativelanguage.googleapis.com:443",
                                                 NULL};

static const char *const opencode_keeps[] = {"~/.config/opencode", "~/.local/share/opencode", NULL};

const struct driver driver_opencode = {
    .name = "opencode",
    .what = "OpenCode",
    .can = DRIVER_SESSIONS | DRIVER_IN_PLACE | DRIVER_COST | DRIVER_TOKENS,
    .program = "opencode",
    .version_argv = opencode_version,
    .install_hint = "npm install -g opencode-ai",
    .configured_by = opencode_configured_by,
    .endpoints = opencode_endpoints,
    .keeps = opencode_keeps,
    .prepare = opencode_prepare,
    .reader = &opencode_reader,
};
