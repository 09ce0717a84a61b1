/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include "base/escape.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *const style_codes[] = {
    [STYLE_PLAIN] = "",  [STYLE_BOLD] = "1",     [STYLE_DIM] = "2",
    [STYLE_GOOD] = "32", [STYLE_WARNING] = "33", [STYLE_BAD] = "31",
};

bool output_wants_color(FILE *stream, bool no_color)
{
    const char *term = getenv("TERM");
    const char *refusal = getenv("NO_COLOR");

    if (no_color || (refusal && *refusal))
        return false;
    return isatty(fileno(stream)) && term && *term && strcmp(term, "dumb") != 0;
}

void output_add_styled(struct text *t, bool color, enum output_style style, const char *s)
{
    if (!color || style == STYLE_PLAIN || !*s)
        text_add(t, s);
    else
        text_printf(t, "\033[%sm%s\033[0m", style_codes[style], s);
}

/* Whether the stream took it is asked once, in output_finish. */
static void put(FILE *stream, const char *s)
{
    (void)fputs(s, stream);
}

void output_line(FILE *stream, const char *format, ...)
{
    AUTO_TEXT raw = {0};
    AUTO_TEXT line = {0};
    va_list args;

    va_start(args, format);
    text_vprintf(&raw, format, args);
    va_end(args);
    escape_add_line(&line, text_get(&raw), raw.length);
    text_add_char(&line, '\n');
    put(stream, text_get(&line));
}

static void put_json(struct cli *cli, const json_t *value, size_t indent)
{
    AUTO_FREE char *s = json_text(value, indent);
    AUTO_TEXT shown = {0};

    escape_add_json(&shown, s, strlen(s));
    text_add_char(&shown, '\n');
    put(cli->out, text_get(&shown));
}

void output_json(struct cli *cli, const json_t *value)
{
    put_json(cli, value, 2);
}

void output_json_line(struct cli *cli, const json_t *value)
{
    put_json(cli, value, 0);
    (void)fflush(cli->out); /* output_finish reports a failure: the error sticks to the stream */
}

void output_fault(struct cli *cli, const char *command, const struct fault *f)
{
    AUTO_FREE char *message = fault_text(f);
    AUTO_FREE char *who = text_format("kelp%s%s", command ? " " : "", command ? command : "");
    AUTO_TEXT said = {0};

    if (!f->file) {
        output_add_styled(&said, cli->err_color, STYLE_BOLD, who);
        text_add(&said, ": ");
    }
    escape_add_line(&said, message, strlen(message));
    text_add_char(&said, '\n');
    if (f->hint) {
        output_add_styled(&said, cli->err_color, STYLE_DIM, "hint: ");
        escape_add_line(&said, f->hint, strlen(f->hint));
        text_add_char(&said, '\n');
    }
    put(cli->err, text_get(&said));
}

static int read_answer(struct cli *cli, bool otherwise)
{
    char answer[64];

    if (!fgets(answer, sizeof answer, cli->in))
        return 0; /* the terminal went away: no */
    answer[strcspn(answer, "\r\n")] = '\0';
    if (!*answer)
        return otherwise;
    return text_same_nocase(answer, "y") || text_same_nocase(answer, "yes");
}

int output_confirm(struct cli *cli, bool yes, const char *question, bool otherwise, struct fault *f)
{
    if (yes)
        return 1;
    if (!cli->interactive) {
        int r = fault_set(f, FAULT_USAGE, "cannot ask '%s' without a terminal", question);
        fault_hint(f, "give --yes to answer yes");
        return r;
    }
    AUTO_FREE char *shown = escape_line(question);
    (void)fprintf(cli->err, "%s [%s] ", shown, otherwise ? "Y/n" : "y/N");
    (void)fflush(cli->err);
    return read_answer(cli, otherwise);
}

int output_finish(struct cli *cli, struct fault *f)
{
    errno = 0;
    if (fflush(cli->out) == 0 && !ferror(cli->out))
        return 0;
    return fault_system(f, errno ? errno : EIO, "cannot write the results");
}
