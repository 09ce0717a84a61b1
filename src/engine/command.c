/* SPDX-License-Identifier: Apache-2.0 */
/* A command of the plan, or an agent that is one, as something that the keeper can start. */
#include "engine/engine_priv.h"

#include "base/os.h"

#include <stdio.h>
#include <string.h>

enum { ENVIRONMENT_OWN_MAX = 24 };

struct start {
    struct engine *e;
    const struct job *j;
    uint32_t job;
    struct arena *a;
    char *dir; /* of the attempt, in the arena */
    const char *work;
    const struct plan_step *step; /* NULL for a command that is no agent */
    const struct plan_settings *settings;
};

static bool sandboxed(const struct start *s)
{
    return s->e->options.sandbox && s->e->options.contain && !s->settings->sandbox.off &&
           s->settings->isolation == ISOLATION_CLONE && s->e->tree->request.in_repository;
}

static const char *home_path(struct start *s, const char *path)
{
    if (!text_starts(path, "~/"))
        return path;
    for (size_t i = 0; i < s->e->base_env_count; i++)
        if (text_starts(s->e->base_env[i], "HOME="))
            return arena_format(s->a, "%s/%s", s->e->base_env[i] + strlen("HOME="), path + 2);
    return path;
}

static const struct sandbox *sandbox_of(struct start *s)
{
    const struct strings *more = &s->settings->sandbox.write;
    struct sandbox *box = ARENA_NEW(s->a, struct sandbox);
    const char **paths = arena_array(s->a, more->count + 3, sizeof *paths);
    size_t n = 0;

    paths[n++] = s->work;
    paths[n++] = s->dir;
    paths[n++] = arena_format(s->a, "%s/cache", s->e->options.run_dir);
    for (size_t i = 0; i < more->count; i++)
        paths[n++] = home_path(s, more->at[i]);
    box->writable = paths;
    box->writable_count = n;
    box->deny_network = s->settings->sandbox.network == NETWORK_NONE;
    return box;
}

static const char **add_own(struct start *s, const char **at)
{
    const struct tree *t = s->e->tree;
    const struct orch *o = &t->orchs.at[s->j->orch];
    char id[EXEC_ID_TEXT_MAX], run[EXEC_ID_TEXT_MAX], name[16] = "";
    unsigned wave = 0;

    exec_id_format(o->id, id);
    exec_id_format(t->orchs.at[0].id, run);
    if (s->j->agent != AGENT_NONE) {
        tree_agent_name(&o->work->agents.at[s->j->agent], name);
        wave = o->work->agents.at[s->j->agent].wave;
    }
    *at++ = arena_format(s->a, "KELP_RUN=%s", run);
    *at++ = arena_format(s->a, "KELP_EXEC_ID=%s", id);
    *at++ = arena_format(s->a, "KELP_DEPTH=%u", o->id.depth);
    *at++ = arena_format(s->a, "KELP_WAVE=%u", wave);
    *at++ = arena_format(s->a, "KELP_INSTANCE=%s", name);
    *at++ = arena_format(s->a, "KELP_ROLE=%s", s->step ? s->step->role : "");
    *at++ = arena_format(s->a, "KELP_ATTEMPT=%u", s->j->attempt);
    *at++ = arena_format(s->a, "KELP_ITEM=%s", variables_item(s->e, s->j, s->a));
    *at++ = arena_format(s->a, "KELP_RESULT=%s/result.json", s->dir);
    *at++ = arena_format(s->a, "KELP_CONTEXT=%s/context", s->e->options.run_dir);
    *at++ = arena_format(s->a, "KELP_SOCKET=%s/engine.sock", s->e->options.run_dir);
    *at++ = arena_format(s->a, "KELP_RECIPES=%s", s->e->options.recipes);
    *at++ = arena_format(s->a, "TMPDIR=%s/tmp", s->dir);
    return at;
}

static const char *const *environment(struct start *s, bool boxed)
{
    const struct strings *cache = &s->e->cache_env;
    size_t most = s->e->base_env_count + ENVIRONMENT_OWN_MAX + cache->count;
    const char **envp = arena_alloc(s->a, (most + 1) * sizeof *envp);
    const char **at = envp;

    for (size_t i = 0; i < s->e->base_env_count; i++)
        *at++ = s->e->base_env[i];
    for (size_t i = 0; boxed && i < cache->count; i++)
        *at++ = cache->at[i];
    at = add_own(s, at);
    *at = NULL;
    return envp;
}

/* Words that the shell would not run as a program of that name (dash(1), bash(1)). */
static bool shell_word(const char *word)
{
    static const char *const words[] = {
        ".",       ":",        "[",       "alias",   "bg",       "break",  "case",   "cd",
        "command", "continue", "do",      "done",    "echo",     "elif",   "else",   "esac",
        "eval",    "exec",     "exit",    "export",  "false",    "fc",     "fg",     "fi",
        "for",     "function", "getopts", "hash",    "if",       "jobs",   "kill",   "let",
        "local",   "printf",   "pwd",     "read",    "readonly", "return", "select", "set",
        "shift",   "source",   "test",    "then",    "time",     "times",  "trap",   "true",
        "type",    "ulimit",   "umask",   "unalias", "unset",    "until",  "wait",   "while",
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/*
 * A command without anything that a shell would interpret is executed without one, as make does:
 * the shell costs as much as a small program.
 */
static bool split_plain(const char *command, struct arena *a, const char ***ret_argv)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./:@%+, ";
    size_t length = strlen(command), n = 0;

    if (!length || strspn(command, plain) != length)
        return false;
    const char **argv = arena_array(a, length / 2 + 2, sizeof *argv);
    for (const char *p = command; *p;) {
        size_t word = strcspn(p, " ");
        if (word)
            argv[n++] = arena_string_n(a, p, word);
        p += word;
        p += *p == ' ';
    }
    *ret_argv = argv;
    return n && !shell_word(argv[0]);
}

static const char *const *shell(struct start *s, const char *command)
{
    const char **argv;

    if (split_plain(command, s->a, &argv))
        return argv;
    argv = arena_array(s->a, 4, sizeof *argv);
    argv[0] = "/bin/sh";
    argv[1] = "-c";
    argv[2] = command;
    return argv;
}

static const struct plan_fan *fan_of(const struct engine *e, const struct job *j)
{
    const struct tree *t = e->tree;

    if (t->phase == RUN_EXPAND)
        return &t->plan->subtasks[j->index].for_each;
    const struct node *n = &t->orchs.at[j->orch].work->nodes.at[j->index];
    return &tree_node_subtask(t, n)->steps[n->step].for_each;
}

/* Tracked files that the glob names, each ended by NUL. */
static const char *const *list_files(struct start *s, const char *glob)
{
    const char **argv = arena_array(s->a, 8, sizeof *argv);
    const char *words[] = {"git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"};

    for (size_t i = 0; i < COUNT_OF(words); i++)
        argv[i] = words[i];
    argv[COUNT_OF(words)] = arena_format(s->a, ":(glob)%s", glob);
    return argv;
}

static const char *raw_command(const struct start *s)
{
    const struct tree *t = s->e->tree;
    uint32_t unit;

    switch (s->j->kind) {
    case JOB_AGENT:
        return s->step->run;
    case JOB_EXPAND:
        return fan_of(s->e, s->j)->source;
    case JOB_SETUP:
    case JOB_VERIFY_SETUP: {
        const struct orch *o = &t->orchs.at[s->j->orch];
        return o->kind == ORCH_CHILD ? t->plan->subtasks[t->units.at[o->unit_first].subtask].setup
                                     : t->plan->setup;
    }
    default:
        return tree_job_command(t, s->j, &unit)->run;
    }
}

static int argv_of(struct start *s, const char *const **ret, struct fault *f)
{
    AUTO_TEXT command = {0};

    if (s->j->kind == JOB_EXPAND && fan_of(s->e, s->j)->kind == FAN_GLOB) {
        *ret = list_files(s, fan_of(s->e, s->j)->source);
        return 0;
    }
    struct expansion expansion = {.job = s->j, .text = raw_command(s), .command = true};
    int r = variables_expand(s->e, &expansion, &command, f);
    if (r == 0)
        *ret = shell(s, arena_string(s->a, text_get(&command)));
    return r;
}

int command_spec(struct engine *e, uint32_t job, struct arena *a, struct keeper_spec *spec,
                 struct fault *f)
{
    const struct job *j = &e->tree->jobs.at[job];
    AUTO_FREE char *dir = path_attempt(e, job);
    AUTO_FREE char *work = path_work(e, j);
    AUTO_FREE char *id = job_identity(e, job);
    struct start s = {.e = e,
                      .j = j,
                      .job = job,
                      .a = a,
                      .dir = arena_string(a, dir),
                      .work = arena_string(a, work),
                      .settings = tree_job_settings(e->tree, j)};

    if (j->agent != AGENT_NONE)
        s.step = tree_agent_step(e->tree, &e->tree->orchs.at[j->orch],
                                 &e->tree->orchs.at[j->orch].work->agents.at[j->agent]);
    else if (j->kind == JOB_AGENT)
        bug("job %u is of no agent", job);
    if (j->kind == JOB_AGENT && !plan_step_is_command(s.step))
        return fault_set(f, FAULT_ENVIRONMENT, "no driver '%s' for '%s'", s.settings->agent,
                         s.step->role);
    environment_init(e);
    bool boxed = sandboxed(&s);
    *spec = (struct keeper_spec){.id = arena_string(a, id),
                                 .envp = environment(&s, boxed),
                                 .cwd = s.work,
                                 .make_dir = arena_format(a, "%s/tmp", dir),
                                 .stdout_path = arena_format(a, "%s/stdout", dir),
                                 .stderr_path = arena_format(a, "%s/stderr", dir),
                                 .sandbox = boxed ? sandbox_of(&s) : NULL,
                                 .output_max_bytes = e->options.output_max_bytes};
    return argv_of(&s, &spec->argv, f);
}
