/* SPDX-License-Identifier: Apache-2.0 */
/* What of the user's environment reaches agents, and where sandboxed ones may keep caches. */
#include "engine/engine_priv.h"

#include <string.h>

static const char *const passed[] = {
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "EDITOR",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "NODE_EXTRA_CA_CERTS",
};

/* name, folder below the run's cache */
static const struct {
    const char *name, *folder;
} caches[] = {
    {"XDG_CACHE_HOME", "xdg"}, {"npm_config_cache", "npm"}, {"PIP_CACHE_DIR", "pip"},
    {"CARGO_HOME", "cargo"},   {"GOCACHE", "go-build"},     {"GOMODCACHE", "go-mod"},
};

/* By which agent programs know each other: one that finds them refuses to work, or takes itself for
 * a part of the outer one. They reach nobody, whoever lists them. */
static const char *const markers[] = {
    "AI_AGENT",
    "CLAUDECODE",
    "CLAUDE_CODE_CHILD_SESSION",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_EXECPATH",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CODE_SSE_PORT",
    "CODEX_CI",
    "CODEX_SANDBOX",
    "CODEX_SANDBOX_NETWORK_DISABLED",
    "CODEX_THREAD_ID",
    "GEMINI_CLI",
    "OPENCODE",
    "OPENCODE_PID",
    "OPENCODE_PROCESS_ROLE",
    "OPENCODE_RUN_ID",
    "QWEN_CODE",
};

bool environment_is_marker(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(markers); i++)
        if (strcmp(name, markers[i]) == 0)
            return true;
    return false;
}

static bool is_name(const char *entry, const char *name)
{
    size_t length = strlen(name);

    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static bool listed(const char *entry, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_name(entry, names[i]))
            return true;
    return false;
}

bool environment_is_passed(const char *entry)
{
    return !listed(entry, markers, COUNT_OF(markers)) &&
           (text_starts(entry, "LC_") || listed(entry, passed, COUNT_OF(passed)));
}

/* The allow list, and what configuration and plan add to it. */
static bool passes(const struct engine *e, const char *entry)
{
    const struct strings *config = &e->options.environment;
    const struct strings *plan = &e->tree->plan->environment;

    if (listed(entry, markers, COUNT_OF(markers)))
        return false;
    return environment_is_passed(entry) || listed(entry, config->at, config->count) ||
           listed(entry, plan->at, plan->count);
}

void environment_init(struct engine *e)
{
    size_t all = 0;

    if (e->base_env)
        return;
    while (e->options.environ[all])
        all++;
    e->base_env = arena_array(&e->arena, all + 1, sizeof *e->base_env);
    for (size_t i = 0; i < all; i++)
        if (passes(e, e->options.environ[i]))
            e->base_env[e->base_env_count++] = arena_string(&e->arena, e->options.environ[i]);
    e->cache_env.at = arena_array(&e->arena, COUNT_OF(caches), sizeof *e->cache_env.at);
    for (size_t i = 0; i < COUNT_OF(caches); i++)
        e->cache_env.at[e->cache_env.count++] = arena_format(
            &e->arena, "%s=%s/cache/%s", caches[i].name, e->options.run_dir, caches[i].folder);
}
