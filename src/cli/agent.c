/* SPDX-License-Identifier: Apache-2.0 */
/* kelp agent: hands over to kelp-agent, which links what kelp itself does not. */
#include "agent/model.h"
#include "base/install.h"
#include "base/vector.h"
#include "cli/cli.h"
#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static const char *const kinds[] = {"auto", "chat", "messages", NULL};

static const struct option_row rows[] = {
#define AGENT_ROW(id, long_name, type, shown, least, most, standard, of, words)      \
    [MODEL_OPTION_##id] = {.name = (long_name),                                      \
                           .kind = OPTION_##type,                                    \
                           .value = (shown),                                         \
                           .choices = OPTION_##type == OPTION_CHOICE ? kinds : NULL, \
                           .min = (least),                                           \
                           .max = (most),                                            \
                           .otherwise = (standard),                                  \
                           .unit = (of),                                             \
                           .help = (words)},
    MODEL_OPTIONS(AGENT_ROW)
#undef AGENT_ROW
};

/* The command line of the program, from what was read. */
struct line {
    struct arena *arena;
    VECTOR(const char *) words;
};

static void push(struct line *l, const char *word)
{
    vector_push(&l->words, word);
}

static void add_option(struct line *l, const struct option_values *values,
                       const struct option_row *row)
{
    if (row->kind == OPTION_FLAG) {
        if (option_flag(values, row->name))
            push(l, arena_format(l->arena, "--%s", row->name));
    } else if (row->kind == OPTION_INT) {
        long long number = (long long)option_int(values, row->name);
        if (number)
            push(l, arena_format(l->arena, "--%s=%lld", row->name, number));
    } else if (option_text(values, row->name)) {
        vector_push(&l->words,
                    arena_format(l->arena, "--%s=%s", row->name, option_text(values, row->name)));
    }
}

static const char *const *command_line(const char *program, const struct option_values *values,
                                       struct arena *arena)
{
    struct line l = {.arena = arena};
    size_t count;
    const char *const *words = option_words(values, &count);

    push(&l, program);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        add_option(&l, values, &rows[i]);
    push(&l, "--");
    for (size_t i = 0; i < count; i++)
        push(&l, words[i]);
    push(&l, NULL);
    const char *const *argv = arena_copy(arena, l.words.at, l.words.count * sizeof *l.words.at);
    vector_free(&l.words);
    return argv;
}

static int command_agent(struct cli *cli, const struct option_values *values, struct fault *f)
{
    AUTO_ARENA arena = {0};
    AUTO_FREE char *program = NULL;

    int r = install_program("kelp-agent", &program, f);
    if (r < 0)
        return r;
    (void)fflush(cli->out); /* nothing was printed */
    (void)execv(program, (char *const *)command_line(program, values, &arena));
    return fault_system(f, errno, "cannot run '%s'", program);
}

const struct command_row command_agent_row = {
    .syntax = {.command = "agent",
               .rows = rows,
               .count = COUNT_OF(rows),
               .words = "[PROMPT...]",
               .words_min = 0,
               .words_max = OPTION_WORDS_ANY},
    .help = "work on one task with kelp's own agent, over an endpoint of your choice",
    .group = COMMAND_GROUP_SETUP,
    .exits = EXITS_PRINT | EXITS_NOTHING,
    .run = command_agent,
};
