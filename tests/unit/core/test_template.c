/* SPDX-License-Identifier: Apache-2.0 */
#include "core/template.h"

#include "make.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const names[] = {"item", "index", "waves.1.summary", "steps.*.summary"};
static const struct template_scope scope = {.names = names, .count = COUNT_OF(names)};

static const char *look_up(void *context, const char *name)
{
    if (strcmp(name, "item") == 0)
        return context;
    return strcmp(name, "waves.1.summary") == 0 ? "it's \"done\"" : NULL;
}

static char *expand(const char *text, const char *item, bool command, struct fault *f)
{
    struct template_values values = {.lookup = look_up,
                                     .context = (void *)item,
                                     .names = names,
                                     .count = COUNT_OF(names),
                                     .command = command};
    AUTO_TEXT out = {0};

    text_add(&out, "=");
    if (template_expand(text, &values, &out, f) < 0)
        cr_expect_str_eq(text_get(&out), "=", "a fault changes nothing");
    return text_take(&out);
}

static const struct {
    const char *text, *prompt, *command;
} expansions[] = {
    {"", "", ""},
    {"plain", "plain", "plain"},
    {"do {{item}}.", "do a b.", "do 'a b'."},
    {"{{ item\t}}{{item}}", "a ba b", "'a b''a b'"},
    {"x {{waves.1.summary}}", "x it's \"done\"", "x 'it'\\''s \"done\"'"},
    {"\"x {{item}}\"", "\"x a b\"", "\"x \"'a b'\"\""},
    {"'x {{item}}'", "'x a b'", "'x ''a b'''"},
    {"# {{item}}\n", "# a b\n", "# {{item}}\n"},
    {"{{{{.Names}} {{item}}", "{{.Names}} a b", "{{.Names}} 'a b'"},
    {"{{{{{{{{", "{{{{", "{{{{"},
    {"a }} b", "a }} b", "a }} b"},
    {"{ {a} }", "{ {a} }", "{ {a} }"},
};

Test(template, fills_values_in)
{
    for (size_t i = 0; i < COUNT_OF(expansions); i++) {
        AUTO_FAULT f = {0};
        AUTO_FREE char *prompt = expand(expansions[i].text, "a b", false, &f);
        AUTO_FREE char *command = expand(expansions[i].text, "a b", true, &f);
        cr_expect_str_eq(prompt + 1, expansions[i].prompt, "%s: %s", expansions[i].text, prompt);
        cr_expect_str_eq(command + 1, expansions[i].command, "%s: %s", expansions[i].text, command);
        cr_expect_null(f.message);
    }
}

Test(template, even_a_simple_value_is_quoted_in_a_command)
{
    AUTO_FAULT f = {0};
    AUTO_FREE char *command = expand("echo {{item}}>log", "2", true, &f);

    cr_assert_str_eq(command + 1, "echo '2'>log");
}

static const struct {
    const char *text;
    bool command;
    const char *message, *hint;
    unsigned line, column;
} faults[] = {
    {"{{itme}}", false, "unknown variable '{{itme}}'", "did you mean {{item}}?", 1, 1},
    {"a\n b {{steps.a.status}}", false, "unknown variable '{{steps.a.status}}'", "", 2, 4},
    {"{{zzzzzz}}", false, "unknown variable", "write {{{{ for", 1, 1},
    {"a {{item", false, "'{{' is not closed", "write {{{{ for a plain {{", 1, 3},
    {"a {{item\n}}", false, "'{{' is not closed", "write {{{{", 1, 3},
    {"a {{item {{item}}", false, "'{{' is not closed", "write {{{{", 1, 3},
    {"{{}}", false, "names no variable", NULL, 1, 1},
    {"{{ \t}}", false, "names no variable", NULL, 1, 1},
    {"cat <<E\n{{item}}\nE", true, "can't be quoted safely inside a here-document", "x={{item}}", 2,
     1},
    {"echo `echo {{item}}`", true, "can't be quoted safely inside backquotes", "x={{item}}", 1, 12},
};

Test(template, faults_have_a_place_and_a_way_out)
{
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct template_scope checked = scope;
        AUTO_FAULT f = {0};
        AUTO_FAULT g = {0};
        checked.command = faults[i].command;
        cr_expect_eq(template_check(faults[i].text, &checked, &f), -FAULT_PLAN, "%s",
                     faults[i].text);
        cr_expect(strstr(f.message, faults[i].message), "%s: %s", faults[i].text, f.message);
        if (faults[i].hint)
            cr_expect(strstr(f.hint, faults[i].hint), "%s: %s", faults[i].text, f.hint);
        cr_expect_eq(f.line, faults[i].line);
        cr_expect_eq(f.column, faults[i].column, "%s: %u", faults[i].text, f.column);
        free(expand(faults[i].text, "a", faults[i].command, &g));
        cr_expect_str_eq(g.message, f.message, "checking and expanding agree");
    }
}

static bool allows(const void *context, const char *name)
{
    return strcmp(name, context) == 0;
}

static const struct {
    const char *text;
    bool ok;
} checks[] = {
    {"nothing", true},
    {"{{item}} {{index}} {{waves.1.summary}}", true},
    {"{{waves.2.summary}}", false},
    {"{{waves.1}}", false},
    {"{{waves.1.summary.x}}", false},
    {"{{steps.schema.summary}}", true},
    {"{{steps..summary}}", false},
    {"{{steps.a.b.summary}}", false},
    {"{{special}}", true},
    {"{{{{anything}}", true},
};

Test(template, names_are_listed_or_allowed)
{
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        struct template_scope asked = scope;
        AUTO_FAULT f = {0};
        asked.allows = allows;
        asked.context = "special";
        cr_expect_eq(template_check(checks[i].text, &asked, &f) == 0, checks[i].ok, "%s",
                     checks[i].text);
    }
}

Test(template, nothing_is_allowed_by_an_empty_scope)
{
    AUTO_FAULT f = {0};

    cr_assert_eq(template_check("{{item}}", &(struct template_scope){0}, &f), -FAULT_PLAN);
}

Test(template, finds_uses)
{
    cr_expect(template_uses("a {{ item }}", "item"));
    cr_expect(template_uses("a {{item}}", NULL));
    cr_expect_not(template_uses("a {{item}}", "index"));
    cr_expect_not(template_uses("a {{{{item}}", NULL));
    cr_expect_not(template_uses("a {{item", NULL));
    cr_expect_not(template_uses("", NULL));
}

enum { STDOUT = 1, MARKS = 3 };

/* What a shell writes to descriptor `fd` while it runs the command, up to `size` - 1 bytes. */
struct listening {
    const char *shell;
    int fd;
    char *out;
    size_t size;
};

static void run_shell(const char *command, const struct listening *to)
{
    const char *argv[] = {"sh", "-c", command, NULL};
    const char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
    posix_spawn_file_actions_t actions;
    size_t length = 0;
    ssize_t n;
    int ends[2], status;
    pid_t pid;

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    for (int fd = 0; fd <= MARKS; fd++)
        posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], to->fd);
    cr_assert_eq(posix_spawn(&pid, to->shell, &actions, NULL, (char **)argv, (char **)environment),
                 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    while ((n = read(ends[0], to->out + length, to->size - 1 - length)) > 0)
        length += (size_t)n;
    to->out[length] = '\0';
    close(ends[0]);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
}

/* Values that leave a mark on descriptor 3 wherever they are not quoted. */
static const char *const hostile[] = {
    "$(echo OWNED >&3)",
    "`echo OWNED >&3`",
    "'; echo OWNED >&3; '",
    "\"; echo OWNED >&3; \"",
    "\necho OWNED >&3\n",
    "\\",
    "'",
    "\"",
    "$HOME",
    "a  b",
    "*",
    "\\'; echo OWNED >&3 #",
    ")\"; echo OWNED >&3; #",
    "}; echo OWNED >&3",
};

static const struct {
    const char *command;
    const char *format; /* what it prints, with %s for the value */
} shells[] = {
    {"printf '[%s]' {{item}}", "[%s]"},
    {"printf '[%s]' \"<{{item}}>\"", "[<%s>]"},
    {"printf '[%s]' '<{{item}}>'", "[<%s>]"},
    {"printf '[%s]' a{{item}}b'{{item}}'", "[a%sb%s]"},
    {"printf '[%s]' \"$(printf '%s.' \"{{item}}\")\"", "[%s.]"},
    {"printf '[%s]' \"$(printf '%s.' {{item}})\"", "[%s.]"},
    {"# it's {{item}} \"\nprintf '[%s]' {{item}} # {{item}}", "[%s]"},
    {"cat <<E >/dev/null\nit's\nE\nprintf '[%s]' {{item}}", "[%s]"},
    {"x={{item}}; printf '[%s]' \"$x\"", "[%s]"},
    {"x={{item}}; cat <<E\n[$x]\nE", "[%s]\n"},
    {"(printf '[%s]' {{item}})", "[%s]"},
    {"case x in x) printf '[%s]' \"{{item}}\";; esac", "[%s]"},
    {"printf '[%s]' \\\n{{item}}", "[%s]"},
    {"printf '[%s]' \\\\{{item}}", "[\\%s]"},
    {"printf '[%s]' ${nothing:-'}'}{{item}}", "[}%s]"},
    {"printf '[%s]' \"cost: ${{item}}\"", "[cost: $%s]"},
    {"printf '[%s]' $((1 << 2)){{item}}", "[4%s]"},
};

Test(template, the_shell_gets_the_value_as_it_is, .timeout = 120)
{
    for (size_t i = 0; i < COUNT_OF(shells); i++)
        for (size_t k = 0; k < COUNT_OF(hostile); k++) {
            AUTO_FAULT f = {0};
            AUTO_TEXT expected = {0};
            char out[512];
            AUTO_FREE char *command = expand(shells[i].command, hostile[k], true, &f);
            cr_assert_null(f.message, "%s: %s", shells[i].command, f.message);
            for (const char *p = shells[i].format; *p; p++) {
                if (p[0] == '%' && p[1] == 's' && p++)
                    text_add(&expected, hostile[k]);
                else
                    text_add_char(&expected, *p);
            }
            run_shell(command + 1, &(struct listening){"/bin/sh", STDOUT, out, sizeof out});
            cr_expect_str_eq(out, text_get(&expected), "%s printed %s", command + 1, out);
        }
}

/* Commands from pieces that open and close quotes at random. Many are no commands at all; what
 * counts is that no value ever runs. */
static char *random_command(struct random *r)
{
    static const char *const pieces[] = {
        "{{item}}", "'",        "\"",    "$(",           ")",       "(",        "`",  "${x:-",
        "}",        "$((",      "))",    "\\",           "\n",      " ",        "#",  "<<E\n",
        "\nE\n",    "<<-'E'\n", "echo ", "case a in a)", ";; esac", "$",        "$'", ";",
        "a",        "$[",       "x=",    "\"$(",         "\" '",    "\n# it's", "${", "%\"}",
    };
    AUTO_TEXT command = {0};

    text_add(&command, random_below(r, 2) ? "set -- : " : "");
    for (size_t k = 2 + random_below(r, 10); k > 0; k--)
        text_add(&command, pieces[random_below(r, COUNT_OF(pieces))]);
    text_add(&command, random_below(r, 2) ? "{{item}}" : "\"{{item}}'");
    return text_take(&command);
}

Test(template, no_value_ever_runs, .timeout = 240)
{
    const char *seed = getenv("KELP_TEST_SEED");
    struct random r = {.state = seed ? strtoull(seed, NULL, 10) : 13};
    size_t ran = 0;

    for (int i = 0; i < 2000; i++) {
        AUTO_FAULT f = {0};
        char out[512];
        AUTO_FREE char *command = random_command(&r);
        const char *value = hostile[random_below(&r, COUNT_OF(hostile))];
        AUTO_FREE char *expanded = expand(command, value, true, &f);
        if (f.message)
            continue;
        ran++;
        run_shell(expanded + 1, &(struct listening){"/bin/sh", MARKS, out, sizeof out});
        cr_expect_str_eq(out, "", "%s", expanded + 1);
        if (access("/bin/bash", X_OK) == 0) {
            run_shell(expanded + 1, &(struct listening){"/bin/bash", MARKS, out, sizeof out});
            cr_expect_str_eq(out, "", "bash: %s", expanded + 1);
        }
    }
    cr_expect_gt(ran, 300, "%zu", ran);
}
