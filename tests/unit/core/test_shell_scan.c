/* SPDX-License-Identifier: Apache-2.0 */
#include "core/shell_scan.h"

#include <criterion/criterion.h>
#include <string.h>

/* `@` is the place that is asked about. */
static const struct {
    const char *text;
    enum shell_kind kind;
    const char *why;
} cases[] = {
    {"@", SHELL_PLAIN, NULL},
    {"echo @", SHELL_PLAIN, NULL},
    {"echo '@", SHELL_SINGLE, NULL},
    {"echo 'a'@", SHELL_PLAIN, NULL},
    {"echo '\"'@", SHELL_PLAIN, NULL},
    {"echo '\\'@", SHELL_PLAIN, NULL},
    {"echo \"@", SHELL_DOUBLE, NULL},
    {"echo \"'@", SHELL_DOUBLE, NULL},
    {"echo \"\\\"@", SHELL_DOUBLE, NULL},
    {"echo \"$x\"@", SHELL_PLAIN, NULL},
    {"echo \"cost $@", SHELL_DOUBLE, NULL},
    {"echo \\'@", SHELL_PLAIN, NULL},
    {"echo \\@", SHELL_UNSAFE, "behind a backslash"},
    {"echo \"\\@", SHELL_UNSAFE, "behind a backslash"},
    {"echo '\\@", SHELL_SINGLE, NULL},
    {"echo $@", SHELL_UNSAFE, "behind a `$`"},
    {"echo '$@", SHELL_SINGLE, NULL},
    {"echo \\$@", SHELL_PLAIN, NULL},
    {"echo $$@", SHELL_PLAIN, NULL},
    {"echo $$$@", SHELL_UNSAFE, "behind a `$`"},
    {"echo \"$$(')@", SHELL_DOUBLE, NULL},
    {"echo $x @", SHELL_PLAIN, NULL},
    {"# a comment @", SHELL_COMMENT, NULL},
    {"echo # don't\n@", SHELL_PLAIN, NULL},
    {"echo a#'@", SHELL_SINGLE, NULL},
    {"echo \\ #'@", SHELL_SINGLE, NULL},
    {"echo \\\n# don't @", SHELL_COMMENT, NULL},
    {"a\\\n#'@", SHELL_SINGLE, NULL},
    {"echo ''#'@", SHELL_SINGLE, NULL},
    {"echo $x#'@", SHELL_SINGLE, NULL},
    {"a;# '@", SHELL_COMMENT, NULL},
    {"(a)# '@", SHELL_COMMENT, NULL},
    {"$(a)#'@", SHELL_SINGLE, NULL},
    {"(# '\na) @", SHELL_PLAIN, NULL},
    {"$(# '\na) @", SHELL_PLAIN, NULL},
    {"case $x in a)# '@", SHELL_COMMENT, NULL},
    {"case $x in a) echo '@", SHELL_SINGLE, NULL},
    {"echo $(cat @", SHELL_PLAIN, NULL},
    {"echo $(cat)@", SHELL_PLAIN, NULL},
    {"echo \"$(cat @", SHELL_PLAIN, NULL},
    {"echo \"$(cat \"@", SHELL_DOUBLE, NULL},
    {"echo \"$(cat \"a\")@", SHELL_DOUBLE, NULL},
    {"echo \"$(cat ')' '@", SHELL_SINGLE, NULL},
    {"echo \"$((1 + 2))@", SHELL_DOUBLE, NULL},
    {"(echo @", SHELL_PLAIN, NULL},
    {"f() { echo '@", SHELL_SINGLE, NULL},
    {"echo `cat @", SHELL_UNSAFE, "inside backquotes"},
    {"echo \"`cat @", SHELL_UNSAFE, "inside backquotes"},
    {"echo `cat \\`a\\` '`@", SHELL_PLAIN, NULL},
    {"echo $((@", SHELL_UNSAFE, "inside $((...))"},
    {"echo $((1 << 2)) @", SHELL_PLAIN, NULL},
    {"echo $(( (1) + @", SHELL_UNSAFE, "inside $((...))"},
    {"echo $((a) '@", SHELL_UNSAFE, "inside $((...))"},
    {"echo ${x:-@", SHELL_UNSAFE, "inside ${...}"},
    {"echo ${x:-'}'}@", SHELL_PLAIN, NULL},
    {"echo ${x:-\"}\"}@", SHELL_PLAIN, NULL},
    {"echo ${x:-\"$(echo '@", SHELL_UNSAFE, "inside ${...}"},
    {"echo \"${x:-a}@", SHELL_DOUBLE, NULL},
    {"echo \"${x:-it's}@", SHELL_UNSAFE, "behind quotes in"},
    {"echo \"${x:-${y:-it's}}@", SHELL_UNSAFE, "behind quotes in"},
    {"echo \"$(echo ${x:-'}'})\" '@", SHELL_SINGLE, NULL},
    {"echo ${x:-`a`$(b)${c}}@", SHELL_PLAIN, NULL},
    {"echo ${x#\\}} '@", SHELL_SINGLE, NULL},
    {"echo $'@", SHELL_UNSAFE, "inside $'...'"},
    {"echo $'a'@", SHELL_PLAIN, NULL},
    {"echo $'a\\n'@", SHELL_PLAIN, NULL},
    {"echo $'a\\''@", SHELL_UNSAFE, "behind $'...' with a quote"},
    {"echo \"$'\"@", SHELL_PLAIN, NULL},
    {"echo $[1 + @", SHELL_UNSAFE, "behind $["},
    {"cat <<E\n@", SHELL_UNSAFE, "inside a here-document"},
    {"cat <<E @", SHELL_PLAIN, NULL},
    {"cat <<E\nit's\nE\n@", SHELL_PLAIN, NULL},
    {"cat <<E\nit's\n E\nE\n'@", SHELL_SINGLE, NULL},
    {"cat <<E\nEE\nF\nE\n@", SHELL_PLAIN, NULL},
    {"cat <<-E\nit's\n\t\tE\n@", SHELL_PLAIN, NULL},
    {"cat <<'E F'\"\"\nit's\nE F\n@", SHELL_PLAIN, NULL},
    {"cat << \tE;\nE\n# '@", SHELL_COMMENT, NULL},
    {"cat <<\\E\nit's\nE\n@", SHELL_PLAIN, NULL},
    {"cat <<E\n$(\nE\n@", SHELL_UNSAFE, "behind a here-document with expansions"},
    {"cat <<E\n`\nE\n@", SHELL_UNSAFE, "behind a here-document with expansions"},
    {"cat <<E\n${x:-'}\nE\n@", SHELL_UNSAFE, "behind a here-document with expansions"},
    {"cat <<E\na\\\nE\n@", SHELL_UNSAFE, "behind a here-document with expansions"},
    {"cat <<E\n${x} $y $ \\$(a) \\`\nE\n@", SHELL_PLAIN, NULL},
    {"cat <<'E'\n$(\nE\n@", SHELL_PLAIN, NULL},
    {"cat <<\\E\n$(\nE\n@", SHELL_PLAIN, NULL},
    {"cat <<E <<F\n'\nE\n'\n@", SHELL_UNSAFE, "inside a here-document"},
    {"cat <<E <<F\n'\nE\n'\nF\n@", SHELL_PLAIN, NULL},
    {"cat <<A <<B <<C <<D <<E\nA\nB\nC\nD\nE\n@", SHELL_PLAIN, NULL},
    {"cat <<E # don't\nE\n@", SHELL_PLAIN, NULL},
    {"cat <<@", SHELL_UNSAFE, "beside a here-document"},
    {"cat <<;\n@", SHELL_UNSAFE, "beside a here-document"},
    {"cat <<E@", SHELL_UNSAFE, "beside a here-document"},
    {"cat <<<'a'@", SHELL_PLAIN, NULL},
    {"cat <@", SHELL_PLAIN, NULL},
    {"$(cat <<E\n)'\nE\n)@", SHELL_PLAIN, NULL},
    {"(case $x in a) echo '@", SHELL_UNSAFE, "behind a `case` in parentheses"},
    {"$(echo; case $x in a) @", SHELL_UNSAFE, "behind a `case` in parentheses"},
    {"(casement '@", SHELL_SINGLE, NULL},
    {"(lowercase '@", SHELL_SINGLE, NULL},
    {"(case@", SHELL_PLAIN, NULL},
    {"a)@", SHELL_PLAIN, NULL},
};

Test(shell_scan, knows_where_a_place_is)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_SHELL_SCAN scan = {.text = cases[i].text};
        shell_scan_to(&scan, strcspn(cases[i].text, "@"));
        cr_expect_eq(shell_scan_kind(&scan), cases[i].kind, "%s: %d", cases[i].text,
                     (int)shell_scan_kind(&scan));
        const char *why = shell_scan_why(&scan);
        if (!cases[i].why)
            cr_expect_null(why, "%s: %s", cases[i].text, why);
        else
            cr_expect(why && strstr(why, cases[i].why), "%s: %s", cases[i].text, why);
    }
}

Test(shell_scan, what_is_skipped_is_a_word)
{
    static const char text[] = "echo @#'@ '@#@";
    static const enum shell_kind expected[] = {SHELL_PLAIN, SHELL_SINGLE, SHELL_PLAIN, SHELL_PLAIN};
    AUTO_SHELL_SCAN scan = {.text = text};
    size_t k = 0;

    for (size_t i = 0; text[i]; i++) {
        if (text[i] != '@')
            continue;
        shell_scan_to(&scan, i);
        cr_expect_eq(shell_scan_kind(&scan), expected[k++], "at %zu", i);
        shell_scan_skip(&scan, i + 1);
    }
    cr_expect_eq(k, 4);
}
