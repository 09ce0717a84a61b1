/* SPDX-License-Identifier: Apache-2.0 */
/* A command of the plan, or an agent that is one, as something that the keeper can start. */
#include "engine/network.h"

#include <string.h>

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
    struct start s;

    start_init(&s, e, job, a);
    int r = start_fill(&s, &(struct start_more){.stdin_path = NULL}, spec, f);
    if (r == 0)
        r = argv_of(&s, &spec->argv, f);
    if (r == 0)
        spec->argv = network_argv(&s, &(struct network){.base_url = NULL}, spec->argv);
    return r;
}
