/* SPDX-License-Identifier: Apache-2.0 */
#include "record/recording.h"

#include "record/container.h"
#include "temp_dir.h"

#include <string.h>

TestSuite(recording);

#define BASE "0123456789012345678901234567890123456789"
#define PLAN                                                                  \
    "{\"version\": 1, \"task\": \"t\", \"agent\": \"claude\", \"subtasks\": " \
    "[{\"title\": \"a\", \"steps\": [{\"prompt\": \"do it\"}]}]}"
#define MANIFEST(run, base, request)                                                    \
    "{\"run\": \"" run "\", \"base\": \"" base "\", \"ended\": true, \"outline\": {}, " \
    "\"request\": " request "}"
#define GOOD MANIFEST("ORG_1001", BASE, "{\"planned\": true}")

struct piece {
    const char *name, *data;
};

static struct text pack(const char *dir, const struct piece *pieces, size_t count)
{
    AUTO_FREE char *path = os_path(dir, "packed");
    struct container *c = NULL;
    struct text file = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(container_begin(path, &c, &f), 0);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(container_add(c, pieces[i].name, pieces[i].data, strlen(pieces[i].data), &f),
                     0);
    cr_assert_eq(container_end(c, &f), 0);
    container_free(c);
    cr_assert_eq(os_read_file(path, 1 << 20, &file, &f), 0);
    return file;
}

Test(recording, says_what_a_replay_needs)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    const struct piece pieces[] = {{"recording.json", GOOD},
                                   {"plan.json", PLAN},
                                   {"attempts/1-w1-a1-t1/play.json", "{}"},
                                   {"attempts/1-w1-a1-t1/stdout", "said"},
                                   {"attempts/1-w2-a2-t1/play.json", "{}"}};
    struct text file = pack(dir, pieces, COUNT_OF(pieces));
    AUTO_RECORDING r = {0};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(recording_parse(&file, "x", &a, &r, &f), 0, "%s", f.message);
    cr_expect_str_eq(r.run, "ORG_1001");
    cr_expect_str_eq(r.base, BASE);
    cr_expect(r.ended);
    cr_expect_eq(r.attempts, 2);
    cr_expect_eq(r.request.plan->subtask_count, 1);
    cr_expect_str_eq(r.request.plan->subtasks[0].steps[0].prompt, "do it");
    cr_expect_str_eq(r.request.head, "");
    cr_expect_str_eq(r.request.replay, "");
}

Test(recording, what_is_to_be_planned_has_no_subtasks)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    const struct piece pieces[] = {
        {"recording.json", MANIFEST("ORG_1001", BASE, "{\"planner\": \"claude\"}")},
        {"plan.json", PLAN}};
    struct text file = pack(dir, pieces, COUNT_OF(pieces));
    AUTO_RECORDING r = {0};
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(recording_parse(&file, "x", &a, &r, &f), 0, "%s", f.message);
    cr_expect_eq(r.request.plan->subtask_count, 0);
    cr_expect_str_eq(r.request.planner, "claude");
}

Test(recording, attempts_that_stopped_the_run_are_counted)
{
    AUTO_FAULT f = {0};
    AUTO_RECORDING r = {0};
    static const char outline[] =
        "{\"orchestrators\": [{\"waves\": [{\"agents\": ["
        "{\"attempts\": [\"auth\", \"ok\"]}, {\"attempts\": [\"crash\", \"quota\"]}, {}]}]}, "
        "{\"waves\": [{\"agents\": [{\"attempts\": [\"auth\", 7]}]}]}, {}]}";

    cr_assert_eq(json_parse(outline, strlen(outline), "x", &r.manifest, &f), 0, "%s", f.message);
    r.outline = r.manifest;
    cr_expect_eq(recording_stops(&r), 3);
}

static const struct {
    const char *manifest, *plan;
    int fault;
    const char *says;
} wrong[] = {
    {NULL, PLAN, FAULT_CORRUPT, "recording.json"},
    {GOOD, NULL, FAULT_CORRUPT, "plan.json"},
    {"[", PLAN, FAULT_FORMAT, "recording.json"},
    {"[]", PLAN, FAULT_CORRUPT, "name of the run"},
    {"{\"version\": 2}", PLAN, FAULT_NEWER, "newer"},
    {MANIFEST("ORG_1001.1", BASE, "{}"), PLAN, FAULT_CORRUPT, "name of the run"},
    {MANIFEST("ORG_1:refs/heads/main", BASE, "{}"), PLAN, FAULT_CORRUPT, "name of the run"},
    {MANIFEST("ORG_1001", "HEAD", "{}"), PLAN, FAULT_CORRUPT, "commit"},
    {MANIFEST("ORG_1001", "--upload-pack=x", "{}"), PLAN, FAULT_CORRUPT, "commit"},
    {MANIFEST("ORG_1001", BASE, "7"), PLAN, FAULT_CORRUPT, "request"},
    {MANIFEST("ORG_1001", BASE, "{\"planned\": 3}"), PLAN, FAULT_CORRUPT, "planned"},
    {MANIFEST("ORG_1001", BASE, "{\"unheard_of\": 3}"), PLAN, FAULT_NEWER, "unheard_of"},
    {MANIFEST("ORG_1001", BASE, "{\"settings\": {\"slots\": 4000000000}}"), PLAN, FAULT_CORRUPT,
     "sensible"},
    {MANIFEST("ORG_1001", BASE, "{\"settings\": {\"retry_share\": 1e300}}"), PLAN, FAULT_CORRUPT,
     "sensible"},
    {MANIFEST("ORG_1001", BASE, "{\"settings\": {\"default_stall_minutes\": -1.0}}"), PLAN,
     FAULT_CORRUPT, "sensible"},
    {GOOD, "{\"version\": 1}", FAULT_PLAN, "task"},
    {GOOD,
     "{\"version\": 1, \"task\": \"t\", \"subtasks\": [{\"title\": \"a\", \"steps\": "
     "[{\"prompt\": \"p\", \"needs\": [\"nothing\"]}]}]}",
     FAULT_PLAN, "nothing"},
};

Test(recording, wrong_ones_are_refused_with_the_reason)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct piece pieces[2];
        size_t count = 0;
        AUTO_RECORDING r = {0};
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        if (wrong[i].manifest)
            pieces[count++] = (struct piece){"recording.json", wrong[i].manifest};
        if (wrong[i].plan)
            pieces[count++] = (struct piece){"plan.json", wrong[i].plan};
        struct text file = pack(dir, pieces, count);
        int status = recording_parse(&file, "x", &a, &r, &f);
        AUTO_FREE char *text = fault_text(&f);
        cr_expect_eq(status, -wrong[i].fault, "row %zu: %d %s", i, status, text);
        cr_expect_not_null(strstr(text, wrong[i].says), "row %zu: %s", i, text);
    }
}

static int unpack(const char *dir, const struct piece *pieces, size_t count, struct fault *f)
{
    AUTO_FREE char *to = os_path(dir, "to");
    struct text file = pack(dir, pieces, count);
    AUTO_RECORDING r = {0};
    AUTO_ARENA a = {0};

    cr_assert_eq(recording_parse(&file, "x", &a, &r, f), 0, "%s", f->message);
    return recording_unpack(&r, to, true, f);
}

static void expect_file(const char *dir, const char *name, const char *content)
{
    AUTO_FREE char *path = os_path(dir, name);
    AUTO_TEXT text = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(os_read_file(path, 1 << 20, &text, &f), 0, "%s", f.message);
    cr_expect_str_eq(text_get(&text), content);
}

Test(recording, what_is_played_is_unpacked)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    const struct piece pieces[] = {{"recording.json", GOOD},
                                   {"plan.json", PLAN},
                                   {"play.json", "{\"base\": \"another\"}"},
                                   {"base.bundle", "bundle"},
                                   {"attempts/k/stdout", "said"},
                                   {"attempts/k/deeper/stdout", "no"},
                                   {"attempts/stray", "no"}};
    AUTO_FREE char *bundle = os_path(dir, "to/base.bundle");
    AUTO_FREE char *stray = os_path(dir, "to/attempts/stray");
    AUTO_FREE char *deeper = os_path(dir, "to/attempts/k/deeper");
    AUTO_FAULT f = {0};

    cr_assert_eq(unpack(dir, pieces, COUNT_OF(pieces), &f), 0, "%s", f.message);
    expect_file(dir, "to/attempts/k/stdout", "said");
    expect_file(dir, "to/recording.json", GOOD);
    expect_file(dir, "to/play.json",
                "{\n  \"base\": \"" BASE "\",\n  \"ended\": true,\n  \"real_time\": true\n}\n");
    cr_expect_not(os_exists(bundle));
    cr_expect_not(os_exists(stray));
    cr_expect_not(os_exists(deeper));
}

Test(recording, the_same_name_twice_is_refused)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    const struct piece pieces[] = {{"recording.json", GOOD},
                                   {"plan.json", PLAN},
                                   {"attempts/k/stdout", "one"},
                                   {"attempts/k/stdout", "two"}};
    AUTO_FAULT f = {0};

    cr_assert_eq(unpack(dir, pieces, COUNT_OF(pieces), &f), -FAULT_CORRUPT);
    cr_expect_not_null(strstr(f.message, "twice"), "%s", f.message);
}

Test(recording, the_base_is_there_or_it_is_said)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    const struct piece pieces[] = {
        {"recording.json", GOOD}, {"plan.json", PLAN}, {"base.bundle", "bundle"}};

    for (size_t count = 2; count <= COUNT_OF(pieces); count++) {
        AUTO_FREE char *to = os_path(dir, "bundle");
        struct text file = pack(dir, pieces, count);
        AUTO_RECORDING r = {0};
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        cr_assert_eq(recording_parse(&file, "x", &a, &r, &f), 0);
        cr_expect_eq(recording_bundle(&r, to, &f), count == 3 ? 0 : -FAULT_NOT_FOUND);
    }
    expect_file(dir, "bundle", "bundle");
}
