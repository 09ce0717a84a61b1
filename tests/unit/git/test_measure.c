/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include "git/languages.h"

static struct place p;

static void begin(void)
{
    p = place_begin();
    place_commit(&p);
}

static void end(void)
{
    place_end(&p);
}

TestSuite(measure, .init = begin, .fini = end, .timeout = 120);

Test(measure, files_bytes_and_lines_by_language)
{
    sh(p.repo,
       "rm -rf src && git rm -rq --cached src && printf 'a\\nb' >a.c && printf 'x\\n' >x.py && "
       "printf 'all:\\n\\ttrue\\n' >Makefile && printf 'a\\000b\\n' >bin.c && "
       "printf 'ignored\\n' >skip.o && ln -s a.c link.c && : >empty.py");
    json_auto_t *m = op("measure", "{s:s}", "path", p.repo);
    const json_t *languages = json_object_get(m, "languages");
    const json_t *c = json_object_get(languages, "C");
    const json_t *python = json_object_get(languages, "Python");

    cr_expect_eq(json_get_int(m, "files", -1), 7);
    cr_expect_eq(json_get_int(m, "bytes", -1), 3 + 2 + 11 + 4 + 3 + 0 + 4);
    cr_expect_eq(json_get_int(m, "lines", -1), 2 + 1 + 2 + 1);
    cr_expect_eq(json_get_int(c, "files", -1), 1);
    cr_expect_eq(json_get_int(c, "lines", -1), 2);
    cr_expect_eq(json_get_int(python, "files", -1), 2);
}

Test(measure, of_a_clone_counts_what_an_agent_left)
{
    json_auto_t *copied = do_copy(&p, "ORG_4729.1");
    json_auto_t *before = op("measure", "{s:s}", "path", str(copied, "path"));
    sh(str(copied, "path"), "rm src/f1.c && echo '# t' >new.md");
    json_auto_t *after = op("measure", "{s:s}", "path", str(copied, "path"));

    cr_expect_eq(json_get_int(before, "files", -1), 6);
    cr_expect_eq(json_get_int(before, "lines", -1), 101);
    cr_expect_eq(json_get_int(after, "files", -1), 6);
    cr_expect_eq(json_get_int(after, "lines", -1), 82);
}

static const struct {
    const char *path, *language;
} names[] = {
    {"a/b.c", "C"},
    {"X.PY", "Python"},
    {"dir.c/file", "Other"},
    {"Makefile", "Make"},
    {"x/meson.build", "Meson"},
    {".c", "Other"},
    {"CMakeLists.txt", "CMake"},
    {"a.b.tsx", "TypeScript"},
    {"noext", "Other"},
};

Test(measure, languages_by_name)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        cr_expect_str_eq(language_of(names[i].path), names[i].language, "%s", names[i].path);
}
