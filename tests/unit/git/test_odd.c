/* SPDX-License-Identifier: Apache-2.0 */
#include "git/odd.h"

#include <criterion/criterion.h>
#include <string.h>

#define OID "587be6b4c3f93f93c489c0111bba5596147a26cb"
#define OTHER "0123456789abcdef0123456789abcdef01234567"

Test(odd, names)
{
    static const struct {
        const char *path;
        mode_t mode;
        bool odd;
    } cases[] = {
        {".GIT", S_IFREG, true},         {"a/.Git/config", S_IFREG, true},
        {".gitmodules", S_IFLNK, true},  {"sub/.GITMODULES", S_IFLNK, true},
        {".gitmodules", S_IFREG, false}, {".gitignore", S_IFREG, false},
        {"git", S_IFREG, false},         {"a.git/b", S_IFREG, false},
        {".git ", S_IFREG, false},       {"git~1", S_IFREG, false},
        {"a\n/.giT", S_IFREG, true},     {".gitmodules.x", S_IFLNK, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(odd_name(cases[i].path, cases[i].mode), cases[i].odd, "%s", cases[i].path);
}

static int parse(const char *bytes, size_t length, struct record_objects *ret)
{
    AUTO_TEXT list = {0};
    AUTO_FAULT f = {0};

    text_add_n(&list, bytes, length);
    int r = record_objects_parse(&list, ret, &f);
    return r;
}

Test(odd, objects_are_read_or_refused)
{
    static const char good[] = OID " .GIT/a b\nc\0" OTHER " \377";
    static const char *const bad[] = {"x", OID, OID " ", " path", OID "\t.GIT", "12 .GIT"};
    struct record_objects objects = {0};

    cr_assert_eq(parse(good, sizeof good, &objects), 0);
    cr_assert_eq(objects.count, 2);
    cr_expect_str_eq(objects.at[0].oid, OID);
    cr_expect_str_eq(objects.at[0].path, ".GIT/a b\nc");
    cr_expect_str_eq(objects.at[1].path, "\377");
    record_objects_free(&objects);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_expect_eq(parse(bad[i], strlen(bad[i]) + 1, &objects), -FAULT_CORRUPT, "%s", bad[i]);
        record_objects_free(&objects);
    }
}

Test(odd, changes_are_those_of_two_lists)
{
    static const char first[] = OID " a\0" OID " b\0" OID " c";
    static const char second[] = OID " b\0" OTHER " c\0" OID " d";
    struct record_objects from = {0}, to = {0};
    AUTO_CHANGES changes = {0};

    cr_assert_eq(parse(first, sizeof first, &from), 0);
    cr_assert_eq(parse(second, sizeof second, &to), 0);
    odd_changes(&from, &to, &changes);
    cr_assert_eq(changes.count, 3);
    cr_expect_str_eq(changes.at[0].path, "a");
    cr_expect_null(changes.at[0].new_oid);
    cr_expect_str_eq(changes.at[1].path, "c");
    cr_expect_str_eq(changes.at[1].new_oid, OTHER);
    cr_expect_str_eq(changes.at[2].path, "d");
    cr_expect_null(changes.at[2].old_oid);
    record_objects_free(&from);
    record_objects_free(&to);
}
