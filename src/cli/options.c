/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "base/text.h"
#include "base/vector.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

const struct option_row option_common_rows[] = {
    {.name = "help", .letter = 'h', .kind = OPTION_FLAG, .help = "show what the command takes"},
    {.name = "no-color",
     .kind = OPTION_FLAG,
     .help = "print without colours, as with NO_COLOR in the environment"},
    {.name = "directory",
     .letter = 'C',
     .kind = OPTION_TEXT,
     .value = "DIR",
     .help = "work as if started in this folder"},
};
const size_t option_common_count = COUNT_OF(option_common_rows);

struct option_value {
    const struct option_row *row;
    VECTOR(const char *) given; /* borrowed; a flag has "" */
};

struct option_values {
    const struct option_syntax *syntax;
    struct option_value *at; /* the syntax's own rows, then the common ones */
    size_t count;
    VECTOR(const char *) words;
};

/* One walk over a command line. */
struct reader {
    const char *const *words;
    size_t count, at; /* `at` is the next word to read */
    bool stop_at_word;
    struct option_values *values;
};

static struct option_values *new_values(const struct option_syntax *syntax)
{
    struct option_values *values = MEM_NEW(struct option_values);
    size_t at = 0;

    values->syntax = syntax;
    values->count = syntax->count + option_common_count;
    values->at = mem_zero(values->count * sizeof *values->at);
    for (size_t i = 0; i < syntax->count; i++)
        values->at[at++].row = &syntax->rows[i];
    for (size_t i = 0; i < option_common_count; i++)
        values->at[at++].row = &option_common_rows[i];
    return values;
}

void option_values_free(struct option_values *values)
{
    if (!values)
        return;
    for (size_t i = 0; i < values->count; i++)
        vector_free(&values->at[i].given);
    vector_free(&values->words);
    free(values->at);
    free(values);
}

void option_values_free_pointer(struct option_values **values)
{
    option_values_free(*values);
}

static struct option_value *find_long(struct option_values *values, const char *name, size_t length)
{
    for (size_t i = 0; i < values->count; i++) {
        const char *row_name = values->at[i].row->name;
        if (strlen(row_name) == length && memcmp(row_name, name, length) == 0)
            return &values->at[i];
    }
    return NULL;
}

static struct option_value *find_letter(struct option_values *values, char letter)
{
    for (size_t i = 0; i < values->count; i++) {
        if (values->at[i].row->letter == letter)
            return &values->at[i];
    }
    return NULL;
}

/* The option that a wrong name was probably meant to be: one that it begins, else a near one. */
static const char *guess(const struct option_values *values, const char *name)
{
    const char *names[OPTION_ROWS_MAX * 2];
    size_t count = 0;

    for (; count < values->count && count < COUNT_OF(names); count++) {
        names[count] = values->at[count].row->name;
        if (strlen(name) >= 2 && text_starts(names[count], name))
            return names[count];
    }
    return text_nearest(name, names, count);
}

/* Options that stand before a command belong to no command. */
static void hint_at_help(const struct reader *reader, struct fault *f)
{
    const char *command = reader->values->syntax->command;

    fault_hint(f, "'kelp%s%s --help' lists the options", command ? " " : "",
               command ? command : "");
}

static int unknown_long(const struct reader *reader, const char *name, struct fault *f)
{
    const char *near = guess(reader->values, name);
    int r = fault_set(f, FAULT_USAGE, "unknown option '--%s'", name);

    if (near)
        fault_hint(f, "did you mean '--%s'?", near);
    else
        hint_at_help(reader, f);
    return r;
}

static int check_choice(const struct option_row *row, const char *text, struct fault *f)
{
    AUTO_TEXT all = {0};
    size_t count = 0;

    for (; row->choices[count]; count++) {
        if (strcmp(row->choices[count], text) == 0)
            return 0;
        text_printf(&all, "%s'%s'", count ? ", " : "", row->choices[count]);
    }
    int r = fault_set(f, FAULT_USAGE, "option '--%s' can't be '%s'", row->name, text);
    const char *near = text_nearest(text, row->choices, count);
    if (near)
        fault_hint(f, "did you mean '%s'?", near);
    else
        fault_hint(f, "it is one of %s", text_get(&all));
    return r;
}

static int check_number(const struct option_row *row, const char *text, struct fault *f)
{
    bool whole = row->kind == OPTION_INT;
    int64_t integer;
    double number = 0;
    bool fits;

    if (whole) {
        fits = text_to_int64(text, INT64_MIN, INT64_MAX, &integer);
        number = fits ? (double)integer : 0;
    } else {
        fits = text_to_double(text, &number);
    }
    if (fits && number >= row->min && number <= row->max)
        return 0;
    int r = fault_set(f, FAULT_USAGE, "option '--%s' can't be '%s'", row->name, text);
    if (isinf(row->max))
        fault_hint(f, "it is a%s number, %.15g or more", whole ? " whole" : "", row->min);
    else
        fault_hint(f, "it is a%s number from %.15g to %.15g", whole ? " whole" : "", row->min,
                   row->max);
    return r;
}

static int check_value(const struct option_row *row, const char *text, struct fault *f)
{
    switch (row->kind) {
    case OPTION_FLAG:
        return 0;
    case OPTION_TEXT:
        return *text ? 0 : fault_set(f, FAULT_USAGE, "option '--%s' is empty", row->name);
    case OPTION_INT:
    case OPTION_NUMBER:
        return check_number(row, text, f);
    case OPTION_CHOICE:
        return check_choice(row, text, f);
    }
    bug("option '--%s' is of no kind", row->name);
}

/* "-5" and "-.5": never options, because no option is a digit. */
static bool is_negative_number(const char *word)
{
    return word[0] == '-' && isdigit((unsigned char)word[1 + (word[1] == '.')]);
}

static bool looks_like_option(const char *word)
{
    return word[0] == '-' && word[1] && !is_negative_number(word);
}

/* `attached` is what stands behind "=" or the letter; NULL takes the next word. */
static int take_value(struct reader *reader, struct option_value *value, const char *attached,
                      struct fault *f)
{
    const struct option_row *row = value->row;

    if (!attached) {
        bool last = reader->at == reader->count;
        if (last || looks_like_option(reader->words[reader->at])) {
            int r = fault_set(f, FAULT_USAGE, "option '--%s' needs a value", row->name);
            fault_hint(f, last ? "give it as '--%s %s'" : "give it as '--%s=%s'", row->name,
                       row->value);
            return r;
        }
        attached = reader->words[reader->at++];
    }
    int r = check_value(row, attached, f);
    if (r == 0)
        vector_push(&value->given, attached);
    return r;
}

static int read_long(struct reader *reader, const char *word, struct fault *f)
{
    size_t length = strcspn(word, "=");
    const char *attached = word[length] ? word + length + 1 : NULL;
    struct option_value *value = find_long(reader->values, word, length);

    if (!value) {
        AUTO_FREE char *name = mem_string_n(word, length);
        return unknown_long(reader, name, f);
    }
    if (value->row->kind != OPTION_FLAG)
        return take_value(reader, value, attached, f);
    if (attached)
        return fault_set(f, FAULT_USAGE, "option '--%s' takes no value, but has '%s'",
                         value->row->name, attached);
    vector_push(&value->given, "");
    return 0;
}

/* "-y", "-yj", "-CDIR". */
static int read_letters(struct reader *reader, const char *letters, struct fault *f)
{
    for (const char *p = letters; *p; p++) {
        struct option_value *value = find_letter(reader->values, *p);
        if (!value) {
            int r = fault_set(f, FAULT_USAGE, "unknown option '-%.*s'",
                              (int)(text_utf8_valid(p, 1) ? 1 : strlen(p)), p);
            hint_at_help(reader, f);
            return r;
        }
        if (value->row->kind != OPTION_FLAG)
            return take_value(reader, value, p[1] ? p + 1 : NULL, f);
        vector_push(&value->given, "");
    }
    return 0;
}

static int read_all(struct reader *reader, struct fault *f)
{
    bool only_words = false;
    int r = 0;

    while (r == 0 && reader->at < reader->count) {
        const char *word = reader->words[reader->at];
        if (only_words || !looks_like_option(word)) {
            if (reader->stop_at_word)
                return 0;
            vector_push(&reader->values->words, word);
            reader->at++;
            continue;
        }
        reader->at++;
        if (strcmp(word, "--") == 0)
            only_words = true;
        else if (word[1] == '-')
            r = read_long(reader, word + 2, f);
        else
            r = read_letters(reader, word + 1, f);
    }
    return r;
}

/* `--help` is answered whatever else is missing. */
static int check_words(const struct option_values *values, struct fault *f)
{
    const struct option_syntax *syntax = values->syntax;
    int r = 0;

    if (option_flag(values, "help"))
        return 0;
    if (syntax->words_max != OPTION_WORDS_ANY && values->words.count > (size_t)syntax->words_max)
        r = fault_set(f, FAULT_USAGE, "unexpected word '%s'", values->words.at[syntax->words_max]);
    else if (values->words.count < (size_t)syntax->words_min)
        r = fault_set(f, FAULT_USAGE, "'%s' is missing", syntax->words);
    if (r < 0)
        fault_hint(f, "usage: kelp %s [OPTION...]%s%s", syntax->command, syntax->words ? " " : "",
                   syntax->words ? syntax->words : "");
    return r;
}

static int finish(struct reader *reader, int r, struct option_values **ret_values)
{
    if (r < 0)
        option_values_free(reader->values);
    else
        *ret_values = reader->values;
    return r;
}

int option_parse(const struct option_syntax *syntax, const char *const *words, size_t count,
                 struct option_values **ret_values, struct fault *f)
{
    struct reader reader = {.words = words, .count = count, .values = new_values(syntax)};

    int r = read_all(&reader, f);
    if (r == 0)
        r = check_words(reader.values, f);
    return finish(&reader, r, ret_values);
}

int option_parse_common(const char *const *words, size_t count, size_t *ret_used,
                        struct option_values **ret_values, struct fault *f)
{
    static const struct option_syntax none = {0};
    struct reader reader = {
        .words = words, .count = count, .stop_at_word = true, .values = new_values(&none)};

    int r = finish(&reader, read_all(&reader, f), ret_values);
    if (r == 0)
        *ret_used = reader.at;
    return r;
}

void option_values_inherit(struct option_values *values, const struct option_values *before)
{
    for (size_t i = 0; i < before->count; i++) {
        const char *name = before->at[i].row->name;
        struct option_value *value = find_long(values, name, strlen(name));
        if (!value || value->given.count)
            continue;
        for (size_t k = 0; k < before->at[i].given.count; k++)
            vector_push(&value->given, before->at[i].given.at[k]);
    }
}

static const struct option_value *lookup(const struct option_values *values, const char *name)
{
    for (size_t i = 0; i < values->count; i++) {
        if (strcmp(values->at[i].row->name, name) == 0)
            return &values->at[i];
    }
    bug("'kelp %s' has no option '--%s'", values->syntax->command, name);
}

static const char *last_text(const struct option_value *value)
{
    return value->given.count ? value->given.at[value->given.count - 1] : value->row->otherwise;
}

static const struct option_value *lookup_kind(const struct option_values *values, const char *name,
                                              enum option_kind kind)
{
    const struct option_value *value = lookup(values, name);

    if (value->row->kind != kind)
        bug("option '--%s' is asked for as what it is not", name);
    return value;
}

bool option_flag(const struct option_values *values, const char *name)
{
    return lookup_kind(values, name, OPTION_FLAG)->given.count > 0;
}

const char *option_text(const struct option_values *values, const char *name)
{
    const struct option_value *value = lookup(values, name);

    if (value->row->kind != OPTION_TEXT && value->row->kind != OPTION_CHOICE)
        bug("option '--%s' is asked for as what it is not", name);
    return last_text(value);
}

int64_t option_int(const struct option_values *values, const char *name)
{
    const char *text = last_text(lookup_kind(values, name, OPTION_INT));
    int64_t integer = 0;

    if (text && !text_to_int64(text, INT64_MIN, INT64_MAX, &integer))
        bug("option '--%s' stands for '%s'", name, text);
    return integer;
}

double option_number(const struct option_values *values, const char *name)
{
    const char *text = last_text(lookup_kind(values, name, OPTION_NUMBER));
    double number = 0;

    if (text && !text_to_double(text, &number))
        bug("option '--%s' stands for '%s'", name, text);
    return number;
}

const char *const *option_list(const struct option_values *values, const char *name,
                               size_t *ret_count)
{
    const struct option_value *value = lookup(values, name);

    if (!value->row->repeats)
        bug("option '--%s' does not repeat", name);
    *ret_count = value->given.count;
    return value->given.at;
}

const char *const *option_words(const struct option_values *values, size_t *ret_count)
{
    *ret_count = values->words.count;
    return values->words.at;
}
