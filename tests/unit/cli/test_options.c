/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "base/text.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <string.h>

static const char *const land_choices[] = {"merge", "branch", "none", NULL};

static const struct option_row rows[] = {
    {.name = "yes", .letter = 'y', .kind = OPTION_FLAG, .help = "ask nothing"},
    {.name = "json", .kind = OPTION_FLAG, .help = "print JSON"},
    {.name = "agents",
     .letter = 'n',
     .kind = OPTION_INT,
     .value = "N",
     .min = 1,
     .max = 100000,
     .help = "how many at once"},
    {.name = "offset", .kind = OPTION_INT, .value = "N", .min = -10, .max = INFINITY, .help = "x"},
    {.name = "minutes",
     .kind = OPTION_NUMBER,
     .value = "N",
     .min = 0,
     .max = INFINITY,
     .unit = "minutes",
     .otherwise = "1.5",
     .help = "time for all"},
    {.name = "land",
     .kind = OPTION_CHOICE,
     .value = "HOW",
     .choices = land_choices,
     .otherwise = "merge",
     .help = "how it lands"},
    {.name = "env", .repeats = true, .kind = OPTION_TEXT, .value = "NAME", .help = "pass it on"},
    {.name = "base", .letter = 'b', .kind = OPTION_TEXT, .value = "REV", .help = "where to begin"},
};

static const struct option_syntax syntax = {
    .command = "run",
    .rows = rows,
    .count = COUNT_OF(rows),
    .words = "TASK...",
    .words_max = OPTION_WORDS_ANY,
};

enum { WORDS_MAX = 8 };

static size_t count_words(const char *const words[WORDS_MAX])
{
    size_t count = 0;

    while (count < WORDS_MAX && words[count])
        count++;
    return count;
}

static struct option_values *parsed(const char *const words[WORDS_MAX])
{
    struct option_values *values = NULL;
    AUTO_FAULT f = {0};

    cr_assert_eq(option_parse(&syntax, words, count_words(words), &values, &f), 0, "%s", f.message);
    return values;
}

Test(options, values_in_every_spelling)
{
    static const struct {
        const char *words[WORDS_MAX];
    } cases[] = {
        {{"--base", "main"}},
        {{"--base=main"}},
        {{"-b", "main"}},
        {{"-bmain"}},
        {{"-yb", "main"}},
        {{"-ybmain"}},
        {{"--base=other", "--base=main"}},
        {{"task", "--base", "main"}},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_OPTIONS *values = parsed(cases[i].words);
        cr_expect_str_eq(option_text(values, "base"), "main", "case %zu", i);
    }
}

Test(options, what_is_not_given_stands_in)
{
    AUTO_OPTIONS *values = parsed((const char *const[WORDS_MAX]){NULL});
    size_t count = 7;

    cr_expect_not(option_flag(values, "yes"));
    cr_expect_str_eq(option_text(values, "land"), "merge");
    cr_expect_null(option_text(values, "base"));
    cr_expect_eq(option_int(values, "agents"), 0);
    cr_expect_float_eq(option_number(values, "minutes"), 1.5, 0);
    (void)option_list(values, "env", &count);
    cr_expect_eq(count, 0);
    (void)option_words(values, &count);
    cr_expect_eq(count, 0);
}

Test(options, reads_numbers)
{
    AUTO_OPTIONS *values =
        parsed((const char *const[WORDS_MAX]){"-n12", "--offset", "-7", "--minutes=.25"});

    cr_expect_eq(option_int(values, "agents"), 12);
    cr_expect_eq(option_int(values, "offset"), -7);
    cr_expect_float_eq(option_number(values, "minutes"), 0.25, 0);
}

Test(options, gathers_what_repeats)
{
    AUTO_OPTIONS *values = parsed((const char *const[WORDS_MAX]){"--env", "A", "--env=B"});
    size_t count;

    const char *const *list = option_list(values, "env", &count);
    cr_assert_eq(count, 2);
    cr_expect_str_eq(list[0], "A");
    cr_expect_str_eq(list[1], "B");
}

Test(options, words_may_stand_anywhere)
{
    AUTO_OPTIONS *values =
        parsed((const char *const[WORDS_MAX]){"a", "-y", "-", "-5", "--", "--json", "-x"});
    static const char *const expected[] = {"a", "-", "-5", "--json", "-x"};
    size_t count;

    const char *const *words = option_words(values, &count);
    cr_assert_eq(count, COUNT_OF(expected));
    for (size_t i = 0; i < count; i++)
        cr_expect_str_eq(words[i], expected[i]);
    cr_expect(option_flag(values, "yes"));
    cr_expect_not(option_flag(values, "json"));
}

Test(options, names_the_wrong_word)
{
    static const struct {
        const char *words[WORDS_MAX];
        const char *message, *hint;
    } cases[] = {
        {{"--jsno"}, "unknown option '--jsno'", "did you mean '--json'?"},
        {{"--min"}, "unknown option '--min'", "did you mean '--minutes'?"},
        {{"--jsno=1"}, "unknown option '--jsno'", "did you mean '--json'?"},
        {{"--frobnicate"}, "unknown option '--frobnicate'", "'kelp run --help' lists the options"},
        {{"-x"}, "unknown option '-x'", "'kelp run --help' lists the options"},
        {{"-yx"}, "unknown option '-x'", "'kelp run --help' lists the options"},
        {{"-\xC3\xA4"}, "unknown option '-\xC3\xA4'", "'kelp run --help' lists the options"},
        {{"--yes=1"}, "option '--yes' takes no value, but has '1'", NULL},
        {{"--base"}, "option '--base' needs a value", "give it as '--base REV'"},
        {{"-b"}, "option '--base' needs a value", "give it as '--base REV'"},
        {{"--base", "--yes"}, "option '--base' needs a value", "give it as '--base=REV'"},
        {{"--base="}, "option '--base' is empty", NULL},
        {{"--land=mrege"}, "option '--land' can't be 'mrege'", "did you mean 'merge'?"},
        {{"--land=x"}, "option '--land' can't be 'x'", "it is one of 'merge', 'branch', 'none'"},
        {{"--agents=0"}, "option '--agents' can't be '0'", "it is a whole number from 1 to 100000"},
        {{"--agents", "-5"},
         "option '--agents' can't be '-5'",
         "it is a whole number from 1 to 100000"},
        {{"--agents=1.5"},
         "option '--agents' can't be '1.5'",
         "it is a whole number from 1 to 100000"},
        {{"--agents=99999999999999999999"},
         "option '--agents' can't be '99999999999999999999'",
         "it is a whole number from 1 to 100000"},
        {{"--offset=-11"}, "option '--offset' can't be '-11'", "it is a whole number, -10 or more"},
        {{"--minutes=-1"}, "option '--minutes' can't be '-1'", "it is a number, 0 or more"},
        {{"--minutes=soon"}, "option '--minutes' can't be 'soon'", "it is a number, 0 or more"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct option_values *values = NULL;
        AUTO_FAULT f = {0};
        int r = option_parse(&syntax, cases[i].words, count_words(cases[i].words), &values, &f);
        cr_assert_eq(r, -FAULT_USAGE, "case %zu", i);
        cr_expect_null(values);
        cr_expect_str_eq(f.message, cases[i].message);
        if (cases[i].hint)
            cr_expect_str_eq(f.hint, cases[i].hint);
        else
            cr_expect_null(f.hint);
    }
}

Test(options, counts_words)
{
    static const struct option_syntax one = {
        .command = "land", .words = "ID", .words_min = 1, .words_max = 1};
    static const struct option_syntax none = {.command = "ls"};
    static const struct {
        const struct option_syntax *syntax;
        const char *words[WORDS_MAX];
        const char *message, *hint;
    } cases[] = {
        {&one, {NULL}, "'ID' is missing", "usage: kelp land [OPTION...] ID"},
        {&one, {"a", "b"}, "unexpected word 'b'", "usage: kelp land [OPTION...] ID"},
        {&none, {"a"}, "unexpected word 'a'", "usage: kelp ls [OPTION...]"},
        {&one, {"a"}, NULL, NULL},
        {&one, {"--help"}, NULL, NULL},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_OPTIONS *values = NULL;
        AUTO_FAULT f = {0};
        int r =
            option_parse(cases[i].syntax, cases[i].words, count_words(cases[i].words), &values, &f);
        if (!cases[i].message) {
            cr_expect_eq(r, 0, "case %zu", i);
            continue;
        }
        cr_assert_eq(r, -FAULT_USAGE, "case %zu", i);
        cr_expect_str_eq(f.message, cases[i].message);
        cr_expect_str_eq(f.hint, cases[i].hint);
    }
}

Test(options, common_ones_stop_at_the_command)
{
    static const char *const words[] = {"-C", "there", "--no-color", "run", "--yes"};
    AUTO_OPTIONS *before = NULL;
    AUTO_FAULT f = {0};
    size_t used = 0;

    cr_assert_eq(option_parse_common(words, COUNT_OF(words), &used, &before, &f), 0);
    cr_assert_eq(used, 3);
    cr_expect_str_eq(option_text(before, "directory"), "there");
    cr_expect(option_flag(before, "no-color"));
    cr_assert_eq(option_parse_common(words + 4, 1, &used, &before, &f), -FAULT_USAGE);
    cr_expect_str_eq(f.hint, "'kelp --help' lists the options");
}

Test(options, later_ones_win_over_those_before_the_command)
{
    static const char *const first[] = {"-C", "here", "--no-color"};
    AUTO_OPTIONS *before = NULL;
    AUTO_OPTIONS *plain = parsed((const char *const[WORDS_MAX]){"-y"});
    AUTO_OPTIONS *own = parsed((const char *const[WORDS_MAX]){"-C", "there"});
    AUTO_FAULT f = {0};
    size_t used;

    cr_assert_eq(option_parse_common(first, COUNT_OF(first), &used, &before, &f), 0);
    option_values_inherit(plain, before);
    option_values_inherit(own, before);
    cr_expect_str_eq(option_text(plain, "directory"), "here");
    cr_expect(option_flag(plain, "no-color"));
    cr_expect_str_eq(option_text(own, "directory"), "there");
}

Test(options, freeing_nothing_is_fine)
{
    option_values_free(NULL);
}

Test(options, asking_for_an_unknown_name_is_a_bug, .signal = SIGABRT)
{
    (void)option_flag(parsed((const char *const[WORDS_MAX]){NULL}), "jsno");
}

Test(options, asking_for_another_kind_is_a_bug, .signal = SIGABRT)
{
    (void)option_flag(parsed((const char *const[WORDS_MAX]){NULL}), "base");
}

Test(options, a_number_is_no_text, .signal = SIGABRT)
{
    (void)option_text(parsed((const char *const[WORDS_MAX]){NULL}), "agents");
}

Test(options, listing_what_does_not_repeat_is_a_bug, .signal = SIGABRT)
{
    size_t count;

    (void)option_list(parsed((const char *const[WORDS_MAX]){NULL}), "base", &count);
}
