/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include "git/index_file.h"

static struct place p;
static char *path;

static void begin(void)
{
    p = place_begin();
    place_commit(&p);
    path = os_path(p.repo, ".git/index");
}

static void end(void)
{
    free(path);
    place_end(&p);
}

TestSuite(index_file, .init = begin, .fini = end, .timeout = 60);

Test(index_file, walks_what_git_wrote)
{
    static const char *const names[] = {".gitignore", "src/f1.c", "src/f2.c",
                                        "src/f3.c",   "src/f4.c", "src/f5.c"};
    AUTO_INDEX_FILE file = {0};
    AUTO_FAULT f = {0};
    struct index_item item = {0};
    size_t n = 0;

    cr_assert_eq(index_file_read(path, &file, &f), 0, "%s", f.message);
    cr_assert_eq(file.count, COUNT_OF(names));
    while (index_file_next(&file, &item)) {
        cr_assert_lt(n, COUNT_OF(names));
        cr_expect_str_eq(item.path, names[n++]);
        cr_expect_eq(item.mode, 0100644);
    }
    cr_expect_eq(n, COUNT_OF(names));
}

Test(index_file, writes_what_git_believes)
{
    AUTO_INDEX_FILE file = {0};
    AUTO_FAULT f = {0};
    struct index_item item = {0};

    sh(p.repo, "touch -d '2001-01-01' .gitignore src/*");
    cr_assert_eq(index_file_read(path, &file, &f), 0, "%s", f.message);
    while (index_file_next(&file, &item)) {
        AUTO_FREE char *full = os_path(p.repo, item.path);
        struct stat st;
        cr_assert_eq(lstat(full, &st), 0);
        cr_expect(!index_item_is(&item, &st));
        index_item_set(&item, &st);
        cr_expect(index_item_is(&item, &st));
    }
    cr_assert_eq(index_file_write(&file, path, &f), 0, "%s", f.message);
    /* Plumbing looks at the times only; fsck at the checksum. */
    expect_word(sh_out(p.repo, "git diff-files && git fsck --cache && git ls-files | wc -l"), "6");
}

static const struct {
    const char *name, *command;
} others[] = {
    {"version 4", "git update-index --index-version 4"},
    {"version 3", "git update-index --skip-worktree src/f1.c"},
    {"cut short", "head -c 200 .git/index >i && mv i .git/index"},
    {"one byte changed", "printf X | dd of=.git/index bs=1 seek=40 conv=notrunc status=none"},
    {"empty", ": >.git/index"},
    {"too many entries", "printf '\\377' | dd of=.git/index bs=1 seek=8 conv=notrunc status=none"},
};

Test(index_file, anything_else_is_refused)
{
    sh(p.repo, "cp .git/index ../index");
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        AUTO_INDEX_FILE file = {0};
        AUTO_FAULT f = {0};
        sh(p.repo, "cp ../index .git/index && git update-index --no-skip-worktree src/f1.c && %s",
           others[i].command);
        cr_expect_eq(index_file_read(path, &file, &f), -FAULT_FORMAT, "%s", others[i].name);
    }
}
