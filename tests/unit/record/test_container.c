/* SPDX-License-Identifier: Apache-2.0 */
#include "record/container.h"

#include "temp_dir.h"

#include <string.h>

TestSuite(container);

/* The pieces that were read, "NAME=BYTES;". */
static int collect(void *context, const struct container_piece *piece, struct fault *f)
{
    (void)f;
    text_printf(context, "%s=", piece->name);
    text_add_n(context, piece->data, piece->length);
    text_add(context, ";");
    return 0;
}

static int read_text(const struct text *file, struct text *seen, struct fault *f)
{
    return container_read(file, "x.recording", collect, seen, f);
}

static struct text made(const char *dir)
{
    AUTO_FREE char *path = os_path(dir, "x.recording");
    struct container *c = NULL;
    struct text file = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(container_begin(path, &c, &f), 0);
    cr_assert_eq(container_add(c, "plan.json", "{}", 2, &f), 0);
    cr_assert_eq(container_add(c, "attempts/1-w1-a1-t1/stdout", "a\0b\n", 4, &f), 0);
    cr_assert_eq(container_add(c, "empty", NULL, 0, &f), 0);
    cr_assert_not(os_exists(path), "nothing is there before the end");
    cr_assert_eq(container_end(c, &f), 0);
    container_free(c);
    cr_assert_eq(os_read_file(path, 1 << 20, &file, &f), 0);
    return file;
}

Test(container, what_is_added_is_read_in_its_order)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_TEXT file = made(dir);
    AUTO_TEXT seen = {0};
    AUTO_FAULT f = {0};
    static const char want[] = "plan.json={};attempts/1-w1-a1-t1/stdout=a\0b\n;empty=;";

    cr_assert_eq(read_text(&file, &seen, &f), 0, "%s", f.message);
    cr_assert_eq(seen.length, sizeof want - 1);
    cr_assert_eq(memcmp(seen.data, want, seen.length), 0);
}

Test(container, cut_at_every_byte_nothing_of_it_is_read)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_TEXT file = made(dir);

    for (size_t length = 0; length < file.length; length++) {
        AUTO_TEXT part = {0};
        AUTO_TEXT seen = {0};
        AUTO_FAULT f = {0};
        text_add_n(&part, file.data, length);
        cr_assert_eq(read_text(&part, &seen, &f), -FAULT_CORRUPT, "cut at %zu", length);
        cr_assert_eq(seen.length, 0, "cut at %zu", length);
    }
}

Test(container, no_byte_can_change_unseen)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_TEXT file = made(dir);
    AUTO_TEXT right = {0};
    AUTO_FAULT none = {0};

    cr_assert_eq(read_text(&file, &right, &none), 0);
    for (size_t i = 0; i < file.length; i++) {
        AUTO_TEXT seen = {0};
        AUTO_FAULT f = {0};
        file.data[i] ^= 1;
        int r = read_text(&file, &seen, &f);
        file.data[i] ^= 1;
        /* A name is not summed up, and may become another good one; no content may. */
        cr_assert(r < 0 || seen.length == right.length, "byte %zu", i);
    }
}

Test(container, an_unfinished_one_leaves_nothing)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "x");
    AUTO_FREE char *beside = os_path(dir, "x.new");
    struct container *c = NULL;
    AUTO_FAULT f = {0};

    cr_assert_eq(container_begin(path, &c, &f), 0);
    cr_assert(os_exists(beside));
    container_free(c);
    cr_assert_not(os_exists(beside));
    cr_assert_not(os_exists(path));
}

static const struct {
    const char *name;
    bool good;
} names[] = {
    {"recording.json", true},
    {"attempts/1.2-w1-a3-t1/stdout", true},
    {"a/b/c/d", true},
    {"a/b/c/d/e", false},
    {"", false},
    {"/etc/passwd", false},
    {"../x", false},
    {"a/../x", false},
    {"a/.git/config", false},
    {".kelp", false},
    {"a//b", false},
    {"a/", false},
    {"a b", false},
    {"a\\b", false},
    {"a\tb", false},
    {"\xc3\xa4", false},
};

Test(container, names_lead_nowhere_else)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        cr_expect_eq(container_name_is_good(names[i].name), names[i].good, "'%s'", names[i].name);
    char name[CONTAINER_NAME_MAX + 2];
    memset(name, 'a', sizeof name);
    name[CONTAINER_NAME_MAX] = '\0';
    cr_expect(container_name_is_good(name));
    name[CONTAINER_NAME_MAX] = 'a';
    name[CONTAINER_NAME_MAX + 1] = '\0';
    cr_expect_not(container_name_is_good(name));
}

static const struct {
    const char *file;
    int fault;
    const char *says;
} hostile[] = {
    {"", FAULT_CORRUPT, "no recording"},
    {"kelp-recording", FAULT_CORRUPT, "no recording"},
    {"kelp-recording 0\nend 0\n", FAULT_CORRUPT, "no recording"},
    {"kelp-recording 01\nend 0\n", FAULT_CORRUPT, "no recording"},
    {"kelp-recording -1\nend 0\n", FAULT_CORRUPT, "no recording"},
    {"kelp-recording 2\nwhatever", FAULT_NEWER, "newer"},
    {"kelp-recording 99999999999999\n", FAULT_CORRUPT, "no recording"},
    {"kelp-recording 1\nend 0\n", 0, ""},
    {"kelp-recording 1\nend 1\n", FAULT_CORRUPT, "number of its pieces"},
    {"kelp-recording 1\nend 0\nmore", FAULT_CORRUPT, "behind its end"},
    {"kelp-recording 1\n../x 0 00000000\n\nend 1\n", FAULT_CORRUPT, "may not have"},
    {"kelp-recording 1\n/x 0 00000000\n\nend 1\n", FAULT_CORRUPT, "may not have"},
    {"kelp-recording 1\nx 99999999999 00000000\n\nend 1\n", FAULT_CORRUPT, "impossible size"},
    {"kelp-recording 1\nx -1 00000000\n\nend 1\n", FAULT_CORRUPT, "impossible size"},
    {"kelp-recording 1\nx 1073741824 00000000\n\nend 1\n", FAULT_CORRUPT, "cut off"},
    {"kelp-recording 1\nx 0 00000001\n\nend 1\n", FAULT_CORRUPT, "wrong sum"},
    {"kelp-recording 1\nx 0 00000000 \n\nend 1\n", FAULT_CORRUPT, "wrong sum"},
    {"kelp-recording 1\nx 0\n\nend 1\n", FAULT_CORRUPT, "names no piece"},
    {"kelp-recording 1\nx 0 00000000\n\nend 1\n", 0, ""},
};

Test(container, hostile_files_are_refused_with_the_reason)
{
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        AUTO_TEXT file = {0};
        AUTO_TEXT seen = {0};
        AUTO_FAULT f = {0};
        text_add(&file, hostile[i].file);
        cr_expect_eq(read_text(&file, &seen, &f), -hostile[i].fault, "'%s'", hostile[i].file);
        if (hostile[i].fault)
            cr_expect_not_null(strstr(f.message, hostile[i].says), "'%s': %s", hostile[i].file,
                               f.message);
    }
}

static int refuse(void *context, const struct container_piece *piece, struct fault *f)
{
    ++*(int *)context;
    return fault_set(f, FAULT_REFUSED, "not '%s'", piece->name);
}

Test(container, the_reader_can_end_it)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_TEXT file = made(dir);
    AUTO_FAULT f = {0};
    int calls = 0;

    cr_assert_eq(container_read(&file, "x", refuse, &calls, &f), -FAULT_REFUSED);
    cr_assert_eq(calls, 1);
    cr_assert_str_eq(f.message, "not 'plan.json'");
}
