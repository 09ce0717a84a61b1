/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/usage.h"

#include "base/cells.h"

#include <math.h>
#include <string.h>

enum { HELP_COLUMN = 28 };

static const char *const group_titles[] = {
#define GROUP_TITLE(name, title) [COMMAND_GROUP_##name] = title,
    COMMAND_GROUPS(GROUP_TITLE)
#undef GROUP_TITLE
};

/* "-C, --directory DIR" or "    --json". */
static void add_option_name(struct text *t, const struct option_row *row)
{
    if (row->letter)
        text_printf(t, "-%c, ", row->letter);
    else
        text_add(t, "    ");
    text_printf(t, "--%s", row->name);
    if (row->value)
        text_printf(t, " %s", row->value);
}

/* " (minutes, 1 or more, default 5)", or nothing. */
static void add_option_facts(struct text *t, const struct option_row *row)
{
    AUTO_TEXT facts = {0};
    bool number = row->kind == OPTION_INT || row->kind == OPTION_NUMBER;

    if (row->unit)
        text_printf(&facts, ", %s", row->unit);
    if (number && isinf(row->max))
        text_printf(&facts, ", %.15g or more", row->min);
    else if (number)
        text_printf(&facts, ", %.15g to %.15g", row->min, row->max);
    for (size_t i = 0; row->kind == OPTION_CHOICE && row->choices[i]; i++)
        text_printf(&facts, i ? " | %s" : ", %s", row->choices[i]);
    if (row->repeats)
        text_add(&facts, ", may be repeated");
    if (row->otherwise)
        text_printf(&facts, ", default %s", row->otherwise);
    if (facts.length)
        text_printf(t, " (%s)", text_get(&facts) + 2);
}

static void add_two_columns(struct text *t, const char *left, const char *right)
{
    text_add(t, "  ");
    if (cells_count(left, strlen(left)) > HELP_COLUMN - 2)
        text_printf(t, "%s\n  %*s", left, HELP_COLUMN, "");
    else
        cells_add_padded(t, left, HELP_COLUMN);
    text_printf(t, "%s\n", right);
}

static void add_option_help(struct text *t, const struct option_row *row)
{
    AUTO_TEXT name = {0};
    AUTO_TEXT help = {0};

    add_option_name(&name, row);
    text_add(&help, row->help);
    add_option_facts(&help, row);
    add_two_columns(t, text_get(&name), text_get(&help));
}

static void add_synopsis(struct text *t, const struct command_row *row)
{
    text_printf(t, "kelp %s [OPTION...]", row->syntax.command);
    if (row->syntax.words)
        text_printf(t, " %s", row->syntax.words);
}

void usage_add_overview(struct text *t)
{
    text_add(t, "usage: kelp [OPTION...] COMMAND [ARGUMENT...]\n");
    for (size_t group = 0; group < COMMAND_GROUP_COUNT; group++) {
        bool titled = false;
        for (size_t i = 0; i < command_count; i++) {
            if (command_rows[i]->group != group)
                continue;
            if (!titled)
                text_printf(t, "\n%s:\n", group_titles[group]);
            titled = true;
            add_two_columns(t, command_rows[i]->syntax.command, command_rows[i]->help);
        }
    }
    text_add(t, "\nOptions of every command:\n");
    for (size_t i = 0; i < option_common_count; i++)
        add_option_help(t, &option_common_rows[i]);
    add_two_columns(t, "    --version", "show the version");
    text_add(t, "\n'kelp help COMMAND' shows the manual page of a command.\n");
}

void usage_add_help(struct text *t, const struct command_row *row)
{
    text_add(t, "usage: ");
    add_synopsis(t, row);
    text_printf(t, "\n\n%s\n\n", row->help);
    for (size_t i = 0; i < row->syntax.count; i++)
        add_option_help(t, &row->syntax.rows[i]);
    for (size_t i = 0; i < option_common_count; i++)
        add_option_help(t, &option_common_rows[i]);
    text_printf(t, "\n'kelp help %s' shows the manual page.\n", row->syntax.command);
}

/* scdoc gives these characters a meaning. */
static void add_escaped(struct text *t, const char *s)
{
    for (; *s; s++) {
        if (strchr("\\*_#<>~`[]|", *s))
            text_add_char(t, '\\');
        text_add_char(t, *s);
    }
}

static void add_sentence(struct text *t, const char *s)
{
    char first[2] = {s[0] >= 'a' && s[0] <= 'z' ? (char)(s[0] - 'a' + 'A') : s[0], '\0'};

    add_escaped(t, first);
    add_escaped(t, s + 1);
}

static void add_manual_option(struct text *t, const struct option_row *row)
{
    AUTO_TEXT facts = {0};

    if (row->letter)
        text_printf(t, "*-%c*, ", row->letter);
    text_printf(t, "*--%s*", row->name);
    if (row->value) {
        text_add(t, " _");
        add_escaped(t, row->value);
        text_add(t, "_");
    }
    text_add(t, "\n\t");
    add_sentence(t, row->help);
    add_option_facts(&facts, row);
    add_escaped(t, text_get(&facts));
    text_add(t, ".\n\n");
}

void usage_add_manual_name(struct text *t, const struct command_row *row)
{
    text_printf(t, "kelp-%s - ", row->syntax.command);
    add_escaped(t, row->help);
    text_add_char(t, '\n');
}

void usage_add_manual_synopsis(struct text *t, const struct command_row *row)
{
    text_printf(t, "*kelp %s* [_OPTION_...]", row->syntax.command);
    if (row->syntax.words) {
        text_add_char(t, ' ');
        add_escaped(t, row->syntax.words);
    }
    text_add_char(t, '\n');
}

void usage_add_manual_options(struct text *t, const struct command_row *row)
{
    for (size_t i = 0; i < row->syntax.count; i++)
        add_manual_option(t, &row->syntax.rows[i]);
    text_add(t, "*-h*, *--help*, *--no-color*, *-C* _DIR_\n\tSee *kelp*(1).\n");
}

void usage_add_manual_exits(struct text *t, const struct command_row *row)
{
    static const struct {
        enum exit_status status;
        const char *help;
    } statuses[] = {
#define STATUS_ROW(name, number, help) {EXIT_##name, help},
        EXIT_STATUSES(STATUS_ROW)
#undef STATUS_ROW
    };

    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        if (!row || command_may_exit(row, statuses[i].status))
            text_printf(t, "*%d*\n\t%s\n\n", (int)statuses[i].status, statuses[i].help);
    }
}

void usage_add_manual_commands(struct text *t)
{
    for (size_t i = 0; i < command_count; i++) {
        text_printf(t, "*kelp-%s*(1)\n\t", command_rows[i]->syntax.command);
        add_sentence(t, command_rows[i]->help);
        text_add(t, ".\n\n");
    }
}

void usage_add_manual_common(struct text *t)
{
    for (size_t i = 0; i < option_common_count; i++)
        add_manual_option(t, &option_common_rows[i]);
    text_add(t, "*--version*\n\tShow the version.\n");
}

static void add_completion_case(struct text *t, const struct command_row *row)
{
    text_printf(t, "    %s) words='", row->syntax.command);
    for (size_t i = 0; i < row->syntax.count; i++)
        text_printf(t, "--%s ", row->syntax.rows[i].name);
    for (size_t i = 0; i < option_common_count; i++)
        text_printf(t, "--%s%s", option_common_rows[i].name,
                    i + 1 < option_common_count ? " " : "");
    text_add(t, "' ;;\n");
}

void usage_add_bash_completion(struct text *t)
{
    text_add(t, "# bash completion for kelp, made from its tables of commands and options\n"
                "_kelp()\n{\n"
                "    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
                "    COMPREPLY=()\n"
                "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words='");
    for (size_t i = 0; i < command_count; i++)
        text_printf(t, "%s ", command_rows[i]->syntax.command);
    text_add(t, "--version --help'\n"
                "    elif [[ $word == -* ]]; then\n        case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < command_count; i++) {
        text_add(t, "    ");
        add_completion_case(t, command_rows[i]);
    }
    text_add(t, "        esac\n    fi\n"
                "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                "}\n"
                "complete -o bashdefault -o default -F _kelp kelp\n");
}
