/* SPDX-License-Identifier: Apache-2.0 */
#include "git/changes.h"

#include "base/vector.h"
#include "git/paths.h"

#include <string.h>

static char *oid_or_null(const char *s, size_t length)
{
    return strspn(s, "0") >= length ? NULL : mem_string_n(s, length);
}

/* ":100644 100755 <old> <new> M" and then the path. */
static bool parse(const char *entry, const char *path, struct change *ret)
{
    char *end;

    if (entry[0] != ':')
        return false;
    unsigned long old_mode = strtoul(entry + 1, &end, 8);
    unsigned long new_mode = strtoul(end, &end, 8);
    if (*end != ' ')
        return false;
    const char *old = end + 1;
    size_t n = strcspn(old, " ");
    if (old[n] != ' ' || strcspn(old + n + 1, " ") != n)
        return false;
    *ret = (struct change){.path = mem_string(path),
                           .old_oid = oid_or_null(old, n),
                           .new_oid = oid_or_null(old + n + 1, n),
                           .old_mode = (unsigned)old_mode,
                           .new_mode = (unsigned)new_mode};
    return true;
}

void changes_parse(const struct text *out, struct changes *ret)
{
    AUTO_PATHS words = {0};

    paths_add_nul(&words, out);
    for (size_t i = 0; i + 1 < words.count; i += 2) {
        struct change change;
        if (parse(words.at[i], words.at[i + 1], &change))
            vector_push(ret, change);
    }
}

int changes_read(const struct git *g, const char *from, const char *to, struct changes *ret,
                 struct fault *f)
{
    AUTO_FREE char *empty = NULL;
    AUTO_TEXT out = {0};
    int r = 0;

    if (!from)
        r = git_word(g, GIT_ARGS("hash-object", "-t", "tree", "/dev/null"), &empty, f);
    if (r == 0)
        r = git_run(g,
                    GIT_ARGS("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev",
                             from ? from : empty, to),
                    &out, f);
    if (r == 0)
        changes_parse(&out, ret);
    return r;
}

void changes_free(struct changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        free(changes->at[i].path);
        free(changes->at[i].old_oid);
        free(changes->at[i].new_oid);
    }
    vector_free(changes);
    *changes = (struct changes){0};
}
