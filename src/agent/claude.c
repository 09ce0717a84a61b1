/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claude Code, as `claude -p` with a stream of JSON lines. Its own folder of settings is private
 * to the instance; what the user has in theirs is reached by links.
 */
#include "agent/launch.h"
#include "agent/readers.h"

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
    "ANTHROPIC_BEDROCK_BASE_URL",
    "ANTHROPIC_VERTEX_BASE_URL",
    "ANTHROPIC_VERTEX_PROJECT_ID",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLOUD_ML_REGION",
    "AWS_REGION",
    "AWS_PROFILE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "API_TIMEOUT_MS",
    NULL,
};

static const char *const claude_secrets[] = {
    "ANTHROPIC_API_KEY",        "ANTHROPIC_AUTH_TOKEN",    "ANTHROPIC_CUSTOM_HEADERS",
    "AWS_ACCESS_KEY_ID",        "AWS_SECRET_ACCESS_KEY",   "AWS_SESSION_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK", "CLAUDE_CODE_OAUTH_TOKEN", NULL,
};

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

static int claude_prepare(const struct driver *d, const struct driver_request *q, struct arena *a,
                          struct driver_launch *ret, struct fault *f)
{
    struct launch l = {.q = q, .arena = a};

    (void)d, (void)f;
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
    launch_pass(&l, claude_passes);
    launch_pass_secrets(&l, claude_secrets);
    if (*q->base_url)
        launch_set(&l, "ANTHROPIC_BASE_URL", q->base_url);
    ret->prompt_on_stdin = true;
    launch_finish(&l, ret);
    return 0;
}

static const char *const claude_version[] = {"--version", NULL};

static const char *const claude_configured_by[] = {
    "ANTHROPIC_API_KEY",       "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",  "~/.claude/.credentials.json",
    "~/.claude/settings.json", NULL,
};

const struct driver driver_claude = {
    .name = "claude",
    .what = "Claude Code",
    .can = DRIVER_SESSIONS | DRIVER_COST | DRIVER_SCHEMA | DRIVER_TOKENS,
    .program = "claude",
    .version_argv = claude_version,
    .install_hint = "npm install -g @anthropic-ai/claude-code",
    .configured_by = claude_configured_by,
    .prepare = claude_prepare,
    .reader = &claude_reader,
};
