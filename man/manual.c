/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tool of the build, made of the same tables as kelp itself. It fills the parts of the manual
 * pages that follow from the rows of commands and options:
 *
 *     manual OUT page FILE.scd        the page with its marked lines replaced, for scdoc
 *     manual OUT text FILE.scd...     C source with all pages as text, for `kelp help`
 *     manual OUT completion           completion for bash
 */
#include "base/os.h"
#include "cli/usage.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_BYTES_MAX = 1024 * 1024 };

static void add_exits_of_all(struct text *t, const struct command_row *row UNUSED)
{
    usage_add_manual_exits(t, NULL);
}

static void add_commands(struct text *t, const struct command_row *row UNUSED)
{
    usage_add_manual_commands(t);
}

static void add_common(struct text *t, const struct command_row *row UNUSED)
{
    usage_add_manual_common(t);
}

static const struct {
    const char *line;
    bool needs_row;
    void (*add)(struct text *t, const struct command_row *row);
} marks[] = {
    {"@NAME@", true, usage_add_manual_name},       {"@SYNOPSIS@", true, usage_add_manual_synopsis},
    {"@OPTIONS@", true, usage_add_manual_options}, {"@EXITS@", true, usage_add_manual_exits},
    {"@ALL_EXITS@", false, add_exits_of_all},      {"@COMMANDS@", false, add_commands},
    {"@COMMON_OPTIONS@", false, add_common},
};

/* "man/kelp-run.1.scd" is page "kelp-run" of section "1". */
static char *page_name(const char *path, char *ret_section)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t length = strcspn(base, ".");

    if (!base[length] || !base[length + 1])
        bug("'%s' is not named like a page", path);
    *ret_section = base[length + 1];
    return mem_string_n(base, length);
}

static int expand_line(struct text *t, const char *line, size_t length,
                       const struct command_row *row, struct fault *f)
{
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (strlen(marks[i].line) != length || memcmp(marks[i].line, line, length) != 0)
            continue;
        if (marks[i].needs_row && !row)
            return fault_set(f, FAULT_PLAN, "%s stands in a page of no command", marks[i].line);
        marks[i].add(t, row);
        return 0;
    }
    text_add_n(t, line, length);
    text_add_char(t, '\n');
    return 0;
}

static int expand_page(const char *path, struct text *t, struct fault *f)
{
    AUTO_TEXT source = {0};
    char section;
    AUTO_FREE char *name = page_name(path, &section);
    const struct command_row *row =
        text_starts(name, "kelp-") && section == '1' ? command_find(name + 5) : NULL;

    int r = os_read_file(path, PAGE_BYTES_MAX, &source, f);
    for (const char *p = text_get(&source); r == 0 && *p;) {
        size_t length = strcspn(p, "\n");
        r = expand_line(t, p, length, row, f);
        p += length + (p[length] == '\n');
    }
    return r;
}

/* One line without its marks: "*bold*", "_underlined_", "\escaped", "# HEADING". */
static void add_plain_line(struct text *t, const char *line, size_t length)
{
    size_t i = line[0] == '#' ? strspn(line, "# ") : 0;

    for (; i < length; i++) {
        /* As scdoc has it: inside a word it is a character like others. */
        bool inside = line[i] == '_' && i > 0 && isalnum((unsigned char)line[i - 1]) &&
                      isalnum((unsigned char)line[i + 1]);
        if (line[i] == '\\' && i + 1 < length)
            text_add_char(t, line[++i]);
        else if ((line[i] != '*' && line[i] != '_') || inside)
            text_add_char(t, line[i]);
    }
}

/* The language of scdoc as text. What stands between two lines of ``` stays as it is. */
static void add_plain(struct text *t, const char *scd)
{
    bool literal = false;

    for (size_t length; *scd; scd += length + (scd[length] == '\n')) {
        length = strcspn(scd, "\n");
        if (text_starts(scd, "```")) {
            literal = !literal;
            continue;
        }
        if (literal)
            text_add_n(t, scd, length);
        else
            add_plain_line(t, scd, length);
        text_add_char(t, '\n');
    }
}

static void add_c_string(struct text *t, const char *s)
{
    text_add(t, "     \"");
    for (; *s; s++) {
        if (*s == '\n')
            text_add(t, s[1] ? "\\n\"\n     \"" : "\\n");
        else if (*s == '\t')
            text_add(t, "    ");
        else if (*s == '"' || *s == '\\')
            text_printf(t, "\\%c", *s);
        else
            text_add_char(t, *s);
    }
    text_add(t, "\"");
}

static int make_text(const char *const *paths, size_t count, struct text *out, struct fault *f)
{
    text_add(out, "#include \"cli/manual_pages.h\"\n\n"
                  "const struct manual_page manual_pages[] = {\n");
    for (size_t i = 0; i < count; i++) {
        AUTO_TEXT scd = {0};
        AUTO_TEXT plain = {0};
        char section;
        AUTO_FREE char *name = page_name(paths[i], &section);
        int r = expand_page(paths[i], &scd, f);
        if (r < 0)
            return r;
        add_plain(&plain, text_get(&scd));
        text_printf(out, "    {\"%s\", \"%c\",\n", name, section);
        add_c_string(out, text_get(&plain));
        text_add(out, "},\n");
    }
    text_printf(out, "};\nconst size_t manual_page_count = %zu;\n", count);
    return 0;
}

static int make(const char *const *words, size_t count, struct text *out, struct fault *f)
{
    if (count == 2 && strcmp(words[0], "page") == 0)
        return expand_page(words[1], out, f);
    if (count > 1 && strcmp(words[0], "text") == 0)
        return make_text(words + 1, count - 1, out, f);
    if (count != 1 || strcmp(words[0], "completion") != 0)
        return fault_set(f, FAULT_USAGE, "usage: manual OUT page FILE | text FILE... | completion");
    usage_add_bash_completion(out);
    return 0;
}

int main(int argc, char **argv)
{
    AUTO_FAULT fault = {0};
    AUTO_TEXT out = {0};

    int r = make((const char *const *)argv + 2, argc > 2 ? (size_t)argc - 2 : 0, &out, &fault);
    if (r == 0)
        r = os_write_file(argv[1], text_get(&out), out.length, 0644, &fault);
    if (r < 0)
        (void)fprintf(stderr, "manual: %s\n", fault.message);
    return r < 0;
}
