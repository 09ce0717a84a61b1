/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codex, as `codex exec` with a stream of JSON lines. Usage counts from the thread's beginning,
 * what was read from the cache is in the input, and sub-agents are not in it at all.
 */
#include "agent/builtin.h"
#include "agent/launch.h"
#include "base/os.h"

#include <string.h>

/* kelp contains it; a sandbox in a sandbox would need rights that kelp takes away. */
static const char *const codex_args[] = {
    "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", NULL,
};

/* Of the user's configuration; what is here wins over it. */
static const char *const codex_settings[] = {
    "check_for_update_on_startup=false",
    "analytics.enabled=false",
    "feedback.enabled=false",
    "features.plugins=false",
    "features.apps=false",
    "features.remote_plugin=false",
    "features.plugin_sharing=false",
    "features.tool_suggest=false",
    "features.daemon_auto_start=false",
    "agents.max_depth=1",
};

static const char *const codex_links[] = {
    "config.toml", "AGENTS.md", "AGENTS.override.md", "agents", "skills", "rules", NULL,
};

static const char *const codex_logins[] = {"auth.json", NULL};

static const char *const codex_passes[] = {"OPENAI_BASE_URL", "OPENAI_ORGANIZATION",
                                           "OPENAI_PROJECT", NULL};

static const char *const codex_secrets[] = {"CODEX_API_KEY", "OPENAI_API_KEY",
                                            "AZURE_OPENAI_API_KEY", "OPENROUTER_API_KEY", NULL};

#define CODEX_OWN_URL "https://api.openai.com/v1"

static void codex_setting(struct launch *l, const char *setting)
{
    launch_arg(l, "-c");
    launch_arg(l, setting);
}

/* A provider of kelp's own, which never tries again by itself. A basic string of TOML is what a
 * string of JSON is. */
static void codex_add_provider(struct launch *l, const char *url, const char *key)
{
    json_auto_t *string = json_lossy_string(url, strlen(url));
    AUTO_FREE char *quoted = json_text(string, 0);
    const char *env_key = key ? arena_format(l->arena, "env_key=\"%s\",", key) : "";

    codex_setting(l, "model_provider=\"kelp\"");
    codex_setting(l, arena_format(l->arena,
                                  "model_providers.kelp={name=\"kelp\",base_url=%s,"
                                  "wire_api=\"responses\",%srequest_max_retries=0,"
                                  "stream_max_retries=0}",
                                  quoted, env_key));
}

/* A key alone, without a login or a configuration: the program itself would not look at it. */
static bool codex_has_only_key(struct launch *l, const char *theirs)
{
    AUTO_FREE char *login = text_format("%s/auth.json", theirs);
    AUTO_FREE char *configuration = text_format("%s/config.toml", theirs);

    return launch_variable(l, "OPENAI_API_KEY") && !launch_variable(l, "CODEX_API_KEY") &&
           !os_exists(login) && !os_exists(configuration);
}

static void codex_choose_provider(struct launch *l, const char *theirs)
{
    const char *url = *l->q->base_url ? l->q->base_url : launch_variable(l, "OPENAI_BASE_URL");
    const char *key = launch_variable(l, "OPENAI_API_KEY")  ? "OPENAI_API_KEY"
                      : launch_variable(l, "CODEX_API_KEY") ? "CODEX_API_KEY"
                                                            : NULL;

    if (*l->q->base_url || codex_has_only_key(l, theirs))
        codex_add_provider(l, url ? url : CODEX_OWN_URL, key);
}

static int codex_prepare(const struct driver *d UNUSED, const struct driver_request *q,
                         struct arena *a, struct driver_launch *ret, struct fault *f UNUSED)
{
    struct launch l = {.q = q, .arena = a};
    const char *theirs = launch_user_dir(&l, "CODEX_HOME", ".codex");

    launch_arg(&l, q->program);
    launch_args(&l, codex_args);
    launch_option(&l, "-m", q->model);
    for (size_t i = 0; i < COUNT_OF(codex_settings); i++)
        codex_setting(&l, codex_settings[i]);
    codex_choose_provider(&l, theirs);
    if (*q->schema) {
        const char *path = arena_format(a, "%s/schema.json", q->dir);
        launch_file(&l, path, q->schema);
        launch_option(&l, "--output-schema", path);
    }
    if (*q->session)
        launch_option(&l, "resume", q->session);
    launch_arg(&l, "-"); /* the prompt is on standard input */

    launch_set(&l, "CODEX_HOME", q->home);
    launch_links(&l, q->home, theirs, codex_links);
    launch_login_links(&l, q->home, theirs, codex_logins);
    launch_pass(&l, codex_passes);
    launch_pass_secrets(&l, codex_secrets);
    ret->prompt_on_stdin = true;
    launch_finish(&l, ret);
    return 0;
}

static void take_thread(struct reading *r, const json_t *event)
{
    reading_session(r, json_at_string(event, "thread_id", NULL));
}

/* "/bin/bash -lc 'make test'" is `make test` for people. */
static void does_command(struct reading *r, const char *command)
{
    const char *shell = strstr(command, " -lc ");
    const char *inner = shell ? shell + strlen(" -lc ") : command;
    size_t length = strlen(inner);
    bool quoted = shell && length > 1 && strchr("'\"", inner[0]) && inner[length - 1] == inner[0];
    AUTO_FREE char *shown = quoted ? mem_string_n(inner + 1, length - 2) : mem_string(inner);

    reading_does(r, "shell", shown);
}

/* What the kinds of items that are work are called, and where they say what they work on. */
static const struct {
    const char *type, *name, *detail;
} works[] = {
    {"file_change", "edit", "changes.0.path"},
    {"mcp_tool_call", "", "arguments"},
    {"collab_tool_call", "", "prompt"},
    {"web_search", "search", "query"},
};

/* True for an item that is a tool at work. */
static bool does_item(struct reading *r, const json_t *item, const char *type)
{
    if (strcmp(type, "command_execution") == 0) {
        does_command(r, json_at_string(item, "command", ""));
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(works); i++) {
        if (strcmp(works[i].type, type) != 0)
            continue;
        const char *name = *works[i].name ? works[i].name : json_at_string(item, "tool", type);
        reading_does(r, name, reading_below_work(r, json_at_string(item, works[i].detail, "")));
        return true;
    }
    return false;
}

static bool item_denied(const json_t *item)
{
    return strcmp(json_at_string(item, "status", ""), "declined") == 0 ||
           strstr(json_at_string(item, "error.message", ""), "requires approval");
}

static void take_item_started(struct reading *r, const json_t *event)
{
    (void)does_item(r, json_at(event, "item"), json_at_string(event, "item.type", ""));
}

static void take_item_completed(struct reading *r, const json_t *event)
{
    const json_t *item = json_at(event, "item");
    const char *type = json_at_string(item, "type", "");

    if (strcmp(type, "agent_message") == 0)
        reading_say(r, json_at_string(item, "text", ""));
    else if (does_item(r, item, type))
        reading_called(r, item_denied(item));
}

static void take_completed(struct reading *r, const json_t *event)
{
    int64_t input = reading_count(event, "usage.input_tokens");
    int64_t cached = reading_count(event, "usage.cached_input_tokens");

    r->final = true;
    reading_goes_on(r);
    r->cumulative = true;
    r->used = (struct token_counts){
        .input = input > cached ? input - cached : 0,
        .cached = cached,
        .output = reading_count(event, "usage.output_tokens"),
        .reasoning = reading_count(event, "usage.reasoning_output_tokens"),
    };
}

/* The address and the number of the request, which follow, say nothing about why. */
static char *why(const char *message)
{
    const char *end = strstr(message, ", url: ");

    if (!end)
        end = strstr(message, ", request id: ");
    return end ? mem_string_n(message, (size_t)(end - message)) : mem_string(message);
}

static void take_failed(struct reading *r, const json_t *event)
{
    AUTO_FREE char *message = why(json_at_string(event, "error.message", "its turn failed"));

    r->final = true;
    if (strstr(message, "max_output_tokens"))
        reading_fails(r, ERROR_FAILED, "its answer was cut off: too many tokens");
    else
        reading_fails_by(r, 0, message);
}

/* "Reconnecting... 1/5 (why)", or the last of these, which turn.failed follows. */
static void take_error(struct reading *r, const json_t *event)
{
    AUTO_FREE char *message = why(json_at_string(event, "message", ""));

    reading_waits(r, 0, message, 0);
}

static const struct reading_event codex_events[] = {
    {"thread.started", take_thread},
    {"item.started", take_item_started},
    {"item.completed", take_item_completed},
    {"turn.completed", take_completed},
    {"turn.failed", take_failed},
    {"error", take_error},
};

static void codex_event(struct reading *r, const json_t *event)
{
    reading_take(r, event, json_at_string(event, "type", ""), codex_events, COUNT_OF(codex_events));
}

static const struct stream_reader codex_reader = {.event = codex_event, .end = reading_exits};

static const char *const codex_version[] = {"--version", NULL};

static const char *const codex_configured_by[] = {
    "CODEX_API_KEY", "OPENAI_API_KEY", "~/.codex/auth.json", "~/.codex/config.toml", NULL,
};

static const char *const codex_endpoints[] = {"api.openai.com:443", "auth.openai.com:443",
                                              "chatgpt.com:443", NULL};

static const char *const codex_keeps[] = {"~/.codex", "$CODEX_HOME", NULL};

const struct driver driver_codex = {
    .name = "codex",
    .what = "OpenAI Codex",
    .can = DRIVER_SESSIONS | DRIVER_SCHEMA | DRIVER_SANDBOX | DRIVER_TOKENS,
    .program = "codex",
    .version_argv = codex_version,
    .install_hint = "npm install -g @openai/codex",
    .configured_by = codex_configured_by,
    .endpoints = codex_endpoints,
    .keeps = codex_keeps,
    .prepare = codex_prepare,
    .reader = &codex_reader,
};
