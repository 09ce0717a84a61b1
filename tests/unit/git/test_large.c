/* SPDX-License-Identifier: Apache-2.0 */
#include "git/large.h"

#include "place.h"

static struct place p;

static void setup(void)
{
    p = place_begin();
    place_commit(&p);
}

static void teardown(void)
{
    place_end(&p);
}

TestSuite(large, .init = setup, .fini = teardown);

Test(large, only_untracked_files_above_the_bound_count)
{
    AUTO_FAULT f = {0};
    struct large_files found;

    sh(p.repo, "echo ignored >.gitignore && truncate -s 2000 ignored tracked && git add tracked");
    sh(p.repo, "truncate -s 1000 small && truncate -s 1001 above && ln -s above link");
    sh(p.repo, "mkdir dir && truncate -s 5000 'dir/odd\nname'");
    cr_assert_eq(large_files_find(p.repo, 1000, &found, &f), 0);
    cr_expect_eq(found.count, 2);
    cr_expect_eq(found.bytes, 6001);
    cr_expect_str_eq(found.largest, "dir/odd\nname");
    large_files_free(&found);
    cr_assert_eq(large_files_find(p.repo, 5000, &found, &f), 0);
    cr_expect_eq(found.count, 0);
    cr_expect_null(found.largest);
    large_files_free(&found);
}
