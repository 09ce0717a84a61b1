/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "base/os.h"

#include <criterion/criterion.h>

static const char plan[] = "version: 1\n"
                           "task: one\n"
                           "research:\n"
                           "  - { role: Reader, run: x }\n"
                           "  - { role: Other, run: x }\n"
                           "  - { role: Broken, run: x }\n"
                           "subtasks:\n"
                           "  - title: one\n"
                           "    steps: [ { id: a, role: A, run: x } ]\n";

Test(context, findings_are_gathered_with_who_found_them)
{
    static const char first[] = "{\"findings\": [{\"file\": \"a\"}, {\"role\": \"own\"}]}";
    struct world w;
    json_t *all = NULL;
    AUTO_FAULT f = {0};

    world_begin(&w, plan, NULL);
    (void)world_until(&w, JOB_AGENT);
    (void)world_write(&w, "context/results/ORG_4729-w0-a1.json", first, sizeof first - 1);
    (void)world_write(&w, "context/results/ORG_4729-w0-a3.json", "{", 1);
    cr_assert_eq(context_findings(&w.e, &f), 0, "%s", f.message);
    AUTO_FREE char *path = path_in_run(&w.e, "context/findings.json");
    cr_assert_eq(json_read_file(path, 1 << 20, &all, &f), 0, "%s", f.message);
    cr_assert_eq(json_array_size(all), 2);
    cr_expect_str_eq(json_get_string(json_array_get(all, 0), "role", ""), "Reader");
    cr_expect_str_eq(json_get_string(json_array_get(all, 0), "file", ""), "a");
    cr_expect_str_eq(json_get_string(json_array_get(all, 1), "role", ""), "own");
    json_decref(all);
    world_end(&w);
}

/* A retried agent's result replaces the one of the attempt before. */
Test(context, the_newest_result_is_kept)
{
    struct world w;
    AUTO_TEXT kept = {0};
    AUTO_FAULT f = {0};

    world_begin(&w, plan, NULL);
    uint32_t job = world_until(&w, JOB_AGENT);
    (void)world_write(&w, "context/results/.keep", "", 0);
    const char *old = world_write(&w, "old.json", "1", 1);
    const char *new = world_write(&w, "new.json", "2", 1);
    context_result(&w.e, job, old);
    context_result(&w.e, job, new);
    AUTO_FREE char *path = path_in_run(&w.e, "context/results/ORG_4729-w0-a1.json");
    cr_assert_eq(os_read_file(path, 10, &kept, &f), 0, "%s", f.message);
    cr_expect_str_eq(text_get(&kept), "2");
    world_end(&w);
}
