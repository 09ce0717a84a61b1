/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claude Code, as `claude -p` with a stream of JSON lines: a line for each block of a message, for
 * each result of a tool, and one last `result`. An API error is the subtype `success` with
 * is_error; usage and cost of the last line count from the session's beginning, but for
 * model_usage_since_last_result.
 */
#include "agent/builtin.h"
#include "agent/launch.h"

#include <stdio.h>
#include <string.h>

static const char *const claude_args[] = {
    "-p",
    "--output-format",
    "stream-json",
    "--verbose", /* without it there is no stream */
    "--dangerously-skip-permissions",
    NULL,
};

/* Of a question that changes nothing: the tools that would are not there. */
static const char *const claude_read_only[] = {"--disallowedTools", "Edit,Write,NotebookEdit",
                                               NULL};

static const char *const claude_environment[] = {
    "DISABLE_AUTOUPDATER=1",
    "DISABLE_TELEMETRY=1",
    "DISABLE_ERROR_REPORTING=1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
    "CLAUDE_CODE_MAX_RETRIES=0",
    "CLAUDE_CODE_MAX_SUBAGENT_SPAWN_DEPTH=1",
    NULL,
};

static const char *const claude_passes[] = {
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_MODEL",
    "ANTHROPIC_SMALL_FAST_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "API_TIMEOUT_MS",
    NULL,
};

static const char *const claude_secrets[] = {
    "ANTHROPIC_API_KEY",        "ANTHROPIC_AUTH_TOKEN",    "ANTHROPIC_CUSTOM_HEADERS",
    "AWS_BEARER_TOKEN_BEDROCK", "CLAUDE_CODE_OAUTH_TOKEN", NULL,
};

/* Credentials of a whole cloud pass only where the models are asked of that cloud. */
static const char *const bedrock_passes[] = {"ANTHROPIC_BEDROCK_BASE_URL", "AWS_REGION",
                                             "AWS_PROFILE", NULL};
static const char *const bedrock_secrets[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                              "AWS_SESSION_TOKEN", NULL};
static const char *const vertex_passes[] = {"ANTHROPIC_VERTEX_BASE_URL",
                                            "ANTHROPIC_VERTEX_PROJECT_ID", "CLOUD_ML_REGION",
                                            "GOOGLE_APPLICATION_CREDENTIALS", NULL};

static const char *const bedrock_keys[] = {"~/.aws", NULL};
static const char *const vertex_keys[] = {"~/.config/gcloud", NULL};

static void claude_pass_variables(struct launch *l)
{
    launch_pass(l, claude_passes);
    launch_pass_secrets(l, claude_secrets);
    if (launch_variable(l, "CLAUDE_CODE_USE_BEDROCK")) {
        launch_pass(l, bedrock_passes);
        launch_pass_secrets(l, bedrock_secrets);
        launch_read(l, bedrock_keys);
    }
    if (launch_variable(l, "CLAUDE_CODE_USE_VERTEX")) {
        launch_pass(l, vertex_passes);
        launch_read(l, vertex_keys);
    }
}

static const char *const claude_settings[] = {
    "settings.json", "CLAUDE.md", "rules",         "agents", "skills",
    "commands",      "plugins",   "output-styles", NULL,
};

static const char *const claude_logins[] = {".credentials.json", NULL};

static void claude_set_home(struct launch *l)
{
    const char *mine = launch_home(l, ".claude");
    const char *theirs = launch_user_dir(l, "CLAUDE_CONFIG_DIR", ".claude");

    launch_set(l, "CLAUDE_CONFIG_DIR", mine);
    launch_links(l, mine, theirs, claude_settings);
    launch_login_links(l, mine, theirs, claude_logins);
}

static int claude_prepare(const struct driver *d UNUSED, const struct driver_request *q,
                          struct arena *a, struct driver_launch *ret, struct fault *f UNUSED)
{
    struct launch l = {.q = q, .arena = a};

    launch_arg(&l, q->program);
    launch_args(&l, claude_args);
    if (q->read_only)
        launch_args(&l, claude_read_only);
    launch_option(&l, "--model", q->model);
    launch_option(&l, "--resume", q->session);
    launch_option(&l, "--json-schema", q->schema);

    launch_set_all(&l, claude_environment);
    claude_set_home(&l);
    /* Its sockets and scratch files would be in /tmp, which others share. */
    launch_set(&l, "CLAUDE_CODE_TMPDIR", arena_format(a, "%s/tmp", q->dir));
    if (q->root) /* it would refuse to skip permissions */
        launch_set(&l, "IS_SANDBOX", "1");
    claude_pass_variables(&l);
    if (*q->base_url)
        launch_set(&l, "ANTHROPIC_BASE_URL", launch_url_without(&l, "/v1"));
    ret->prompt_on_stdin = true;
    launch_finish(&l, ret);
    return 0;
}

/* What messages told since the last result: less exact, and dropped when the result is there. */
struct claude_state {
    char message[80]; /* whose usage was counted; each of its blocks tells it again */
    struct token_counts since;
};

static void claude_begin(struct reading *r, const void *config UNUSED)
{
    r->state = MEM_NEW(struct claude_state);
}

static bool of_subagent(const json_t *event)
{
    return json_is_string(json_at(event, "parent_tool_use_id"));
}

static void take_init(struct reading *r, const json_t *event)
{
    reading_set(&r->model, json_at_string(event, "model", NULL));
}

static void take_retry(struct reading *r, const json_t *event)
{
    reading_waits(r, (int)reading_count(event, "error_status"),
                  json_at_string(event, "error", "its provider"),
                  reading_count(event, "retry_delay_ms"));
}

static void take_denied(struct reading *r, const json_t *event UNUSED)
{
    r->denied++;
}

static const struct reading_event system_events[] = {
    {"init", take_init},
    {"api_retry", take_retry},
    {"permission_denied", take_denied},
};

static void take_system(struct reading *r, const json_t *event)
{
    reading_take(r, event, json_at_string(event, "subtype", ""), system_events,
                 COUNT_OF(system_events));
}

static struct token_counts usage_of(const json_t *usage)
{
    return (struct token_counts){
        .input = reading_count(usage, "input_tokens"),
        .cached = reading_count(usage, "cache_read_input_tokens") +
                  reading_count(usage, "cache_creation_input_tokens"),
        .output = reading_count(usage, "output_tokens"),
    };
}

/* Of a request, once; for the main agent it is what the window held. */
static void take_usage(struct reading *r, const json_t *event)
{
    struct claude_state *state = r->state;
    struct token_counts usage = usage_of(json_at(event, "message.usage"));
    const char *id = json_at_string(event, "message.id", "");

    if (!of_subagent(event) && usage.input + usage.cached)
        r->context_tokens = usage.input + usage.cached;
    if (*id && strncmp(state->message, id, sizeof state->message - 1) == 0)
        return;
    (void)snprintf(state->message, sizeof state->message, "%s", id); /* may be cut */
    tokens_add(&r->used, &usage);
    tokens_add(&state->since, &usage);
}

static void forget_usage(struct reading *r)
{
    struct claude_state *state = r->state;

    tokens_take(&r->used, &state->since);
    state->since = (struct token_counts){0};
}

static void take_block(struct reading *r, const json_t *event, const json_t *block)
{
    const char *type = json_at_string(block, "type", "");

    if (strcmp(type, "tool_use") == 0)
        reading_calls(r, json_at_string(block, "name", "tool"), json_at(block, "input"));
    else if (strcmp(type, "text") == 0 && !of_subagent(event))
        reading_say(r, json_at_string(block, "text", ""));
}

static void take_assistant(struct reading *r, const json_t *event)
{
    const json_t *blocks = json_at(event, "message.content");

    if (json_at_bool(event, "is_api_error_message", false))
        return; /* the program's own words; the result has them again */
    for (size_t i = 0; i < json_array_size(blocks); i++)
        take_block(r, event, json_array_get(blocks, i));
    take_usage(r, event);
}

/* What is told about the call of that id beside its result, or NULL. */
static const json_t *find_meta(const json_t *event, const char *id)
{
    const json_t *list = json_at(event, "tool_result_meta");

    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_at_string(json_array_get(list, i), "id", ""), id) == 0)
            return json_array_get(list, i);
    return NULL;
}

/* False for a call that was refused or given up before it began. */
static bool was_carried_out(const json_t *event, const json_t *result)
{
    const json_t *meta = find_meta(event, json_at_string(result, "tool_use_id", ""));
    const char *decision = json_at_string(meta, "permission_decision.decision", "accept");

    return !json_at(meta, "non_execution_kind") && strcmp(decision, "accept") == 0;
}

static void take_user(struct reading *r, const json_t *event)
{
    const json_t *blocks = json_at(event, "message.content");

    for (size_t i = 0; i < json_array_size(blocks); i++) {
        const json_t *block = json_array_get(blocks, i);
        if (strcmp(json_at_string(block, "type", ""), "tool_result") == 0)
            r->tool_calls += was_carried_out(event, block);
    }
}

/* A model whose price it does not know gets one that is made up, and a window as well. */
static bool is_guessed(const json_t *usage)
{
    return strcmp(json_at_string(usage, "costBasis", ""), "unknown") == 0;
}

static void take_model(struct reading *r, const char *name, const json_t *usage)
{
    const struct token_counts used = {
        .input = reading_count(usage, "inputTokens"),
        .cached = reading_count(usage, "cacheReadInputTokens") +
                  reading_count(usage, "cacheCreationInputTokens"),
        .output = reading_count(usage, "outputTokens"),
        .reasoning = reading_count(usage, "thinkingTokens"),
    };

    tokens_add(&r->used, &used);
    reading_costs(r, json_at_number(usage, "costUSD", -1));
    if (r->model && strcmp(name, r->model) == 0 && !is_guessed(usage))
        r->context_window = reading_count(usage, "contextWindow");
}

/* Everything since the last result, sub-agents included, by model. */
static void take_models(struct reading *r, const json_t *models)
{
    bool guessed = false;
    const char *name;
    json_t *usage;

    json_object_foreach ((json_t *)models, name, usage) /* it asks for one without const */
    {
        take_model(r, name, usage);
        guessed |= is_guessed(usage);
    }
    if (guessed)
        r->usd = -1;
}

/* Older releases: the main agent's tokens of this process, the money of the whole session. */
static void take_totals(struct reading *r, const json_t *event)
{
    struct token_counts used = usage_of(json_at(event, "usage"));

    tokens_add(&r->used, &used);
    r->usd = json_at_number(event, "total_cost_usd", -1);
    r->cumulative_usd = true;
}

/* Why it stopped, where the word says it better than the message does. */
static const struct {
    const char *path, *word;
    enum attempt_error error;
    const char *message; /* NULL: its own */
} stops[] = {
    {"terminal_reason", "prompt_too_long", ERROR_CONTEXT_FULL, NULL},
    {"stop_reason", "refusal", ERROR_REFUSED, NULL},
    {"stop_reason", "max_tokens", ERROR_FAILED, "its answer was cut off: too many tokens"},
    {"terminal_reason", "aborted_tools", ERROR_CRASH, "it was interrupted"},
    {"terminal_reason", "aborted_streaming", ERROR_CRASH, "it was interrupted"},
};

static bool fails_by_word(struct reading *r, const json_t *event, const char *message)
{
    for (size_t i = 0; i < COUNT_OF(stops); i++)
        if (strcmp(json_at_string(event, stops[i].path, ""), stops[i].word) == 0) {
            reading_fails(r, stops[i].error, stops[i].message ? stops[i].message : message);
            return true;
        }
    return false;
}

static void judge(struct reading *r, const json_t *event)
{
    const char *subtype = json_at_string(event, "subtype", "");
    const char *message = json_at_string(event, "result", "");

    if (!*message)
        message = json_at_string(event, "errors.0", subtype);
    if (fails_by_word(r, event, message))
        return;
    if (text_starts(subtype, "error")) /* its own limits; no words of a provider */
        reading_fails(r, ERROR_FAILED, message);
    else if (json_at_bool(event, "is_error", false))
        reading_fails_by(r, (int)reading_count(event, "api_error_status"), message);
}

static void take_result(struct reading *r, const json_t *event)
{
    const json_t *models = json_at(event, "model_usage_since_last_result");
    const json_t *answer = json_at(event, "structured_output");
    size_t denied = json_array_size(json_at(event, "permission_denials"));

    r->final = true;
    reading_goes_on(r);
    forget_usage(r);
    if (json_is_object(models))
        take_models(r, models);
    else
        take_totals(r, event);
    if (answer) {
        json_decref(r->answer);
        r->answer = json_share(answer);
    }
    if (denied > r->denied)
        r->denied = (uint32_t)denied;
    if (!json_at_bool(event, "is_error", false) && json_at_string(event, "result", NULL))
        reading_say(r, json_at_string(event, "result", ""));
    judge(r, event);
}

static const struct reading_event claude_events[] = {
    {"system", take_system},
    {"assistant", take_assistant},
    {"user", take_user},
    {"result", take_result},
};

static void claude_event(struct reading *r, const json_t *event)
{
    reading_session(r, json_at_string(event, "session_id", NULL));
    reading_take(r, event, json_at_string(event, "type", ""), claude_events,
                 COUNT_OF(claude_events));
}

static void claude_end(struct reading *r, const struct reading_exit *exit)
{
    if (strstr(exit->stderr_tail, "[claude-code:unrecognized_model]")) {
        r->usd = -1;
        r->context_window = 0;
    }
    reading_exits(r, exit);
}

static const struct stream_reader claude_reader = {
    .begin = claude_begin, .event = claude_event, .end = claude_end};

static const char *const claude_version[] = {"--version", NULL};

static const char *const claude_configured_by[] = {
    "ANTHROPIC_API_KEY",       "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",  "~/.claude/.credentials.json",
    "~/.claude/settings.json", NULL,
};

static const char *const claude_endpoints[] = {"api.anthropic.com:443", "console.anthropic.com:443",
                                               "platform.claude.com:443", NULL};

static const char *const claude_keeps[] = {"~/.claude", "~/.claude.json", "$CLAUDE_CONFIG_DIR",
                                           NULL};

const struct driver driver_claude = {
    .name = "claude",
    .what = "Claude Code",
    .can = DRIVER_SESSIONS | DRIVER_COST | DRIVER_SCHEMA | DRIVER_TOKENS,
    .program = "claude",
    .version_argv = claude_version,
    .install_hint = "npm install -g @anthropic-ai/claude-code",
    .configured_by = claude_configured_by,
    .endpoints = claude_endpoints,
    .keeps = claude_keeps,
    .prepare = claude_prepare,
    .reader = &claude_reader,
};
