/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gemini CLI with a stream of JSON lines. The text of an answer comes in pieces, an HTTP status as
 * an exit status modulo 256, and much of what goes wrong before the first request on standard
 * error alone.
 */
#include "agent/builtin.h"
#include "agent/launch.h"
#include "base/os.h"

#include <string.h>

enum { GEMINI_SETTINGS_MAX = 1024 * 1024 };

static const char *const gemini_args[] = {"--output-format", "stream-json", "--skip-trust", NULL};

/* Without it the tools that write and run are not there: right for a question. */
static const char *const gemini_may_write[] = {"--yolo", NULL};

static const char *const gemini_environment[] = {
    /* Else a second process does the work, and signals do not reach it. */
    "GEMINI_CLI_NO_RELAUNCH=1",
    "GEMINI_TELEMETRY_ENABLED=false",
    NULL,
};

static const char *const gemini_links[] = {
    ".env", "GEMINI.md", "agents", "commands", "extensions", "policies", NULL,
};

static const char *const gemini_logins[] = {"oauth_creds.json", "google_accounts.json", NULL};

static const char *const gemini_passes[] = {
    "GOOGLE_GEMINI_BASE_URL", "GOOGLE_GENAI_USE_GCA", "GOOGLE_GENAI_USE_VERTEXAI",
    "GOOGLE_CLOUD_PROJECT",   "GEMINI_MODEL",         NULL,
};

/* Credentials of a whole cloud pass only where the models are asked of it. */
static const char *const vertex_passes[] = {"GOOGLE_VERTEX_BASE_URL", "GOOGLE_CLOUD_PROJECT_ID",
                                            "GOOGLE_CLOUD_LOCATION",
                                            "GOOGLE_APPLICATION_CREDENTIALS", NULL};

static const char *const vertex_keys[] = {"~/.config/gcloud", NULL};

static const char *const gemini_secrets[] = {"GEMINI_API_KEY", "GOOGLE_API_KEY", NULL};

/* How to log in, where the user's settings do not say it. */
static const struct {
    const char *variable, *type;
} gemini_logins_by[] = {
    {"GOOGLE_GENAI_USE_GCA", "oauth-personal"},
    {"GOOGLE_GENAI_USE_VERTEXAI", "vertex-ai"},
    {"GEMINI_API_KEY", "gemini-api-key"},
    {"GOOGLE_API_KEY", "vertex-ai"},
};

static const char *gemini_login(struct launch *l, const json_t *settings, const char *theirs)
{
    AUTO_FREE char *tokens = text_format("%s/oauth_creds.json", theirs);
    const char *type = json_at_string(settings, "security.auth.selectedType", "");

    if (*l->q->base_url && launch_variable(l, "GEMINI_API_KEY"))
        return "gemini-api-key";
    if (*type)
        return type;
    for (size_t i = 0; i < COUNT_OF(gemini_logins_by); i++)
        if (launch_variable(l, gemini_logins_by[i].variable))
            return gemini_logins_by[i].type;
    return os_exists(tokens) ? "oauth-personal" : NULL;
}

static bool has_values(const json_t *names)
{
    const char *name;
    json_t *value;

    json_object_foreach ((json_t *)names, name, value) /* it asks for one without const */
    {
        if (!text_starts(json_at_string(value, "", ""), "$"))
            return true;
    }
    return false;
}

/* Secrets are reached by reference: a server whose variables or headers are written out as they are
 * stays behind; "$NAME" is a reference. */
static void drop_servers_with_values(json_t *settings)
{
    json_t *servers = json_object_get(settings, "mcpServers");
    const char *name;
    json_t *server;
    void *next;

    json_object_foreach_safe (servers, next, name, server) {
        if (has_values(json_at(server, "env")) || has_values(json_at(server, "headers")))
            json_object_del(servers, name);
    }
}

static json_t *gemini_user_settings(const char *theirs)
{
    AUTO_FREE char *path = text_format("%s/settings.json", theirs);
    AUTO_FAULT ignored = {0};
    json_t *settings = NULL;

    if (json_read_file(path, GEMINI_SETTINGS_MAX, &settings, &ignored) < 0 ||
        !json_is_object(settings)) {
        json_decref(settings);
        return json_object();
    }
    drop_servers_with_values(settings);
    return settings;
}

/* The user's settings with kelp's over them. As settings of the system the program would refuse
 * kelp's wherever root does not own every folder above; and with an endpoint in a variable it would
 * not find out by itself how to log in. */
static void gemini_set_settings(struct launch *l, const char *theirs)
{
    json_auto_t *settings = gemini_user_settings(theirs);
    json_auto_t *own =
        json_pack("{s:{s:b, s:b, s:i}, s:{s:b}, s:{s:b}}", "general", "enableAutoUpdate", 0,
                  "enableAutoUpdateNotification", 0, "maxAttempts", 1, "privacy",
                  "usageStatisticsEnabled", 0, "telemetry", "enabled", 0);
    const char *login = gemini_login(l, settings, theirs);

    if (login)
        json_object_set_new(own, "security", json_pack("{s:{s:s}}", "auth", "selectedType", login));
    json_object_update_recursive(settings, own);
    AUTO_FREE char *text = json_text(settings, 2);
    launch_file(l, launch_home(l, ".gemini/settings.json"), text);
}

static int gemini_prepare(const struct driver *d UNUSED, const struct driver_request *q,
                          struct arena *a, struct driver_launch *ret, struct fault *f UNUSED)
{
    struct launch l = {.q = q, .arena = a};
    /* The variable names the folder that holds .gemini. */
    const char *theirs = arena_format(a, "%s/.gemini", launch_user_dir(&l, "GEMINI_CLI_HOME", "."));

    launch_arg(&l, q->program);
    launch_args(&l, gemini_args);
    if (!q->read_only)
        launch_args(&l, gemini_may_write);
    /* Its tools for files keep to the folders that it knows, and the result is asked for here. */
    launch_option(&l, "--include-directories", q->dir);
    launch_option(&l, "-m", q->model);
    launch_option(&l, "--resume", q->session);

    launch_set_all(&l, gemini_environment);
    launch_set(&l, "GEMINI_CLI_HOME", q->home);
    gemini_set_settings(&l, theirs);
    launch_links(&l, launch_home(&l, ".gemini"), theirs, gemini_links);
    launch_login_links(&l, launch_home(&l, ".gemini"), theirs, gemini_logins);
    launch_pass(&l, gemini_passes);
    if (launch_variable(&l, "GOOGLE_GENAI_USE_VERTEXAI")) {
        launch_pass(&l, vertex_passes);
        launch_read(&l, vertex_keys);
    }
    launch_pass_secrets(&l, gemini_secrets);
    if (*q->base_url)
        launch_set(&l, "GOOGLE_GEMINI_BASE_URL", launch_url_without(&l, "/v1"));
    ret->prompt_on_stdin = true;
    launch_finish(&l, ret);
    return 0;
}

struct gemini_state {
    bool in_message; /* the next piece belongs to the last message */
};

static void gemini_begin(struct reading *r, const void *config UNUSED)
{
    r->state = MEM_NEW(struct gemini_state);
}

static void take_init(struct reading *r, const json_t *event)
{
    reading_session(r, json_at_string(event, "session_id", NULL));
    reading_set(&r->model, json_at_string(event, "model", NULL));
}

static void take_message(struct reading *r, const json_t *event)
{
    struct gemini_state *state = r->state;
    const char *text = json_at_string(event, "content", "");

    if (strcmp(json_at_string(event, "role", ""), "assistant") != 0)
        return;
    if (state->in_message)
        reading_say_more(r, text);
    else
        reading_say(r, text);
    state->in_message = json_at_bool(event, "delta", false);
}

static void take_tool_use(struct reading *r, const json_t *event)
{
    struct gemini_state *state = r->state;

    state->in_message = false;
    reading_calls(r, json_at_string(event, "tool_name", "tool"), json_at(event, "parameters"));
}

/* Kinds of errors of a tool that was not carried out. */
static const char *const denials[] = {"policy_violation", "tool_not_registered"};

static bool is_denial(const char *kind)
{
    for (size_t i = 0; i < COUNT_OF(denials); i++)
        if (strcmp(kind, denials[i]) == 0)
            return true;
    return false;
}

static void take_tool_result(struct reading *r, const json_t *event)
{
    struct gemini_state *state = r->state;

    state->in_message = false;
    reading_called(r, is_denial(json_at_string(event, "error.type", "")));
}

/* Thoughts are in the total alone. */
static void take_stats(struct reading *r, const json_t *stats)
{
    int64_t input = reading_count(stats, "input_tokens");
    int64_t cached = reading_count(stats, "cached");
    int64_t output = reading_count(stats, "output_tokens");
    int64_t thoughts = reading_count(stats, "total_tokens") - input - output;

    thoughts = thoughts > 0 ? thoughts : 0;
    r->used = (struct token_counts){
        .input = input > cached ? input - cached : 0,
        .cached = cached,
        .output = output + thoughts,
        .reasoning = thoughts,
    };
}

static void take_result(struct reading *r, const json_t *event)
{
    r->final = true;
    take_stats(r, json_at(event, "stats"));
    if (strcmp(json_at_string(event, "status", ""), "success") != 0)
        reading_fails_by(r, 0, json_at_string(event, "error.message", "it ended with an error"));
}

static const struct reading_event gemini_events[] = {
    {"init", take_init},         {"message", take_message},
    {"tool_use", take_tool_use}, {"tool_result", take_tool_result},
    {"result", take_result},
};

static void gemini_event(struct reading *r, const json_t *event)
{
    reading_take(r, event, json_at_string(event, "type", ""), gemini_events,
                 COUNT_OF(gemini_events));
}

static const struct {
    int exit_code;
    enum attempt_error error;
    const char *message;
} gemini_exits[] = {
    {41, ERROR_AUTH, "no way to log in is configured: set GEMINI_API_KEY"},
    {42, ERROR_CRASH, "it refused its input, or does not know the session"},
    {44, ERROR_FAILED, "its own sandbox did not work"},
    {52, ERROR_FAILED, "its settings are wrong"},
    {53, ERROR_FAILED, "it reached its limit of turns"},
    {55, ERROR_FAILED, "it does not trust the folder"},
};

/* HTTP statuses from 400 arrive modulo 256; those of signals, 128 and the number, are below. */
enum { GEMINI_STATUS_FIRST = 400 - 256 };

static void gemini_end(struct reading *r, const struct reading_exit *exit)
{
    for (size_t i = 0; i < COUNT_OF(gemini_exits); i++)
        if (gemini_exits[i].exit_code == exit->exit_code)
            reading_fails(r, gemini_exits[i].error, gemini_exits[i].message);
    if (exit->exit_code >= GEMINI_STATUS_FIRST) {
        AUTO_FREE char *message = text_format("API error: status %d", exit->exit_code + 256);
        reading_fails_by(r, exit->exit_code + 256, message);
    }
    reading_exits(r, exit);
}

static const struct stream_reader gemini_reader = {
    .begin = gemini_begin,
    .event = gemini_event,
    .end = gemini_end,
};

static const char *const gemini_version[] = {"--version", NULL};

static const char *const gemini_configured_by[] = {
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GOOGLE_GENAI_USE_VERTEXAI",
    "GOOGLE_GENAI_USE_GCA",
    "~/.gemini/oauth_creds.json",
    "~/.gemini/.env",
    "~/.gemini/settings.json",
    NULL,
};

static const char *const gemini_endpoints[] = {"generativelanguage.googleapis.com:443",
                                               "cloudcode-pa.googleapis.com:443",
                                               "oauth2.googleapis.com:443", NULL};

static const char *const gemini_keeps[] = {"~/.gemini", NULL};

const struct driver driver_gemini = {
    .name = "gemini",
    .what = "Gemini CLI",
    .can = DRIVER_SESSIONS | DRIVER_IN_PLACE | DRIVER_TOKENS,
    .program = "gemini",
    .version_argv = gemini_version,
    .install_hint = "npm install -g @google/gemini-cli",
    .configured_by = gemini_configured_by,
    .endpoints = gemini_endpoints,
    .keeps = gemini_keeps,
    .prepare = gemini_prepare,
    .reader = &gemini_reader,
};
