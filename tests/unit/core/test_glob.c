/* SPDX-License-Identifier: Apache-2.0 */
#include "core/glob.h"

#include "base/text.h"
#include "make.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
    const char *pattern, *path;
    bool matches;
} matches[] = {
    {"a", "a", true},
    {"a", "ab", false},
    {"ab", "a", false},
    {"src", "src/x/y.c", true},
    {"src", "srcs", false},
    {"src/", "src/x/y.c", true},
    {"src/", "src", false},
    {"./src//x", "src/x", true},
    {"/src", "src/x", true},
    {".", "any/thing", true},
    {"./", "any/thing", true},
    {"", "any/thing", true},
    {".git", ".git/config", true},
    {"*.md", "README.md", true},
    {"*.md", "docs/a.md", false},
    {"*", "a", true},
    {"*", "a/b", false},
    {"*/", "a/b/c", true},
    {"*/", "a", false},
    {"a*c", "abbc", true},
    {"a*c", "ac", true},
    {"a*c", "ab/c", false},
    {"a*b*c", "aXbYbZc", true},
    {"?", "a", true},
    {"?", "", false},
    {"?", "/", false},
    {"a?c", "a/c", false},
    {"**", "a", true},
    {"**", "a/b/c", true},
    {"**/x", "x", true},
    {"**/x", "a/b/x", true},
    {"**/x", "a/bx", false},
    {"a/**", "a/b/c", true},
    {"a/**", "a", false},
    {"a/**/", "a/b", true},
    {"a/**/b", "a/b", true},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "a/x/yb", false},
    {"**/a/**/b/**", "x/a/y/b/z", true},
    {"**/a/**/b/**", "a/b/z", true},
    {"**/a/**/b/**", "a/b", false},
    {"a**b", "axxb", true},
    {"a**b", "a/b", false},
    {"**a", "xxa", true},
    {"[abc]", "b", true},
    {"[abc]", "d", false},
    {"[a-c]x", "bx", true},
    {"[a-c]x", "dx", false},
    {"[!a-c]", "d", true},
    {"[^a-c]", "b", false},
    {"[!a]", "/", false},
    {"x[/]y", "x/y", false},
    {"x[.-0]y", "x/y", false},
    {"[]a]", "]", true},
    {"[!]a]", "]", false},
    {"[!]a]", "b", true},
    {"[a-]", "-", true},
    {"[z-a]", "b", false},
    {"[a", "[a", true},
    {"[a", "a", false},
    {"[a-", "[a-/x", true},
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"\\*", "*/below", true},
    {"a\\", "a\\", true},
    {"\xff?", "\xff\xfe", true},
};

Test(glob, matches_as_documented)
{
    for (size_t i = 0; i < COUNT_OF(matches); i++)
        cr_expect_eq(glob_match(matches[i].pattern, matches[i].path), matches[i].matches,
                     "'%s' and '%s'", matches[i].pattern, matches[i].path);
}

static const struct {
    const char *a, *b;
    bool overlap;
} overlaps[] = {
    {"a", "a", true},
    {"a", "b", false},
    {"src", "src/x.c", true},
    {"src", "srcs", false},
    {"src/", "src", true},
    {"src/**", "src/core/*.c", true},
    {"src/*.c", "src/*.h", false},
    {"src/*.c", "src/a*", true},
    {"src/a*", "src/*b", true},
    {"src/a*b", "src/b*a", false},
    {"*.md", "docs/**", false},
    {"**/*.md", "docs/**", true},
    {"**/*.md", "docs/*.c", false},
    {"**/x/**/y", "a/**/b", false},
    {"**/x/**/y", "a/**/y", true},
    {"**", "anything", true},
    {".", "anything", true},
    {"a/b//c", "a/b/c", true},
    {"?", "ab", false},
    {"??", "ab", true},
    {"[abc]x", "[cde]x", true},
    {"[abc]x", "[def]x", false},
    {"[!abc]x", "[abc]x", false},
    {"[z-a]", "**", false},
    {"services/api/**", "services/web/**", false},
    {"services/*/config", "services/web/**", true},
    {"a*", "*a/b", false},
    {"*/", "a*", false},
    {"*/x", "a*", false},
    {"a/*", "a", true},
};

Test(glob, decides_overlap_both_ways)
{
    for (size_t i = 0; i < COUNT_OF(overlaps); i++) {
        cr_expect_eq(globs_overlap(overlaps[i].a, overlaps[i].b), overlaps[i].overlap,
                     "'%s' and '%s'", overlaps[i].a, overlaps[i].b);
        cr_expect_eq(globs_overlap(overlaps[i].b, overlaps[i].a), overlaps[i].overlap,
                     "'%s' and '%s'", overlaps[i].b, overlaps[i].a);
    }
}

/* Short globs over a small alphabet, so that the oracle can try every path. */
static void random_glob(struct random *r, char *out)
{
    static const char *const atoms[] = {"a", "b", "*", "?", "[ab]", "[!a]", "/", "/**/", "a/"};
    size_t count = 1 + random_below(r, 3);

    out[0] = '\0';
    if (random_below(r, 4) == 0)
        strcat(out, "**/");
    while (count--)
        strcat(out, atoms[random_below(r, COUNT_OF(atoms))]);
}

/* All paths of up to LONGEST bytes of "ab/" without empty segments. */
enum { LONGEST = 9 };

static bool next_path(char *path)
{
    static const char alphabet[] = "ab/";

    do {
        size_t i = 0;
        while (path[i] == '/')
            path[i++] = 'a';
        if (i == LONGEST)
            return false;
        path[i] = path[i] ? strchr(alphabet, path[i])[1] : 'a';
    } while (path[0] == '/' || path[strlen(path) - 1] == '/' || strstr(path, "//"));
    return true;
}

Test(glob, overlap_agrees_with_trying_every_short_path, .timeout = 120)
{
    struct random r = {.state = 4729};
    size_t meet = 0;

    for (int i = 0; i < 300; i++) {
        char a[64], b[64], path[LONGEST + 1] = "";
        bool found = false;
        random_glob(&r, a);
        random_glob(&r, b);
        while (!found && next_path(path))
            found = glob_match(a, path) && glob_match(b, path);
        cr_expect_eq(globs_overlap(a, b), found, "'%s' and '%s': %d", a, b, found);
        meet += found;
    }
    cr_expect(meet > 50 && meet < 250, "%zu of 300 meet: the cases say little", meet);
}

Test(glob, long_globs_match_nothing_and_meet_everything)
{
    AUTO_TEXT t = {0};

    text_add(&t, "a/");
    while (t.length <= GLOB_MAX)
        text_add_char(&t, '*');
    cr_assert_not(glob_match(text_get(&t), "a/x"));
    cr_assert(globs_overlap(text_get(&t), "a/x"));
    cr_assert(globs_overlap("a/x", text_get(&t)));
    cr_assert_not(globs_overlap(text_get(&t), "b"), "their beginnings differ");
}

Test(glob, a_head_ends_at_the_first_wildcard)
{
    static const struct {
        const char *glob, *head;
    } heads[] = {{"src/*.c", "src/"}, {"./src", "src"}, {"a//b", "a"}, {"a/", "a/"},
                 {"a\\*", "a"},       {"[a]", ""},      {".", ""},     {"x?", "x"}};

    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        size_t length;
        const char *head = glob_head(heads[i].glob, &length);
        cr_expect(length == strlen(heads[i].head) && memcmp(head, heads[i].head, length) == 0, "%s",
                  heads[i].glob);
    }
}
