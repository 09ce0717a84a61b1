/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include "git/git.h"

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

TestSuite(worker, .init = begin, .fini = end, .timeout = 120);

static int work(const char *name, const char *spec, json_t **answer)
{
    AUTO_FREE char *in = os_path(p.root, "spec.json");
    AUTO_FREE char *out = os_path(p.root, "result.json");
    AUTO_FAULT f = {0};

    cr_assert_eq(os_write_file(in, spec, strlen(spec), 0644, &f), 0);
    int status = sh_status(p.root, "'%s/kelp-worker' %s '%s' '%s'", getenv("KELP_TEST_BUILD"), name,
                           in, out);
    cr_assert_eq(json_read_file(out, 1 << 20, answer, &f), 0, "%s", f.message);
    return status;
}

Test(worker, answers_in_a_file)
{
    AUTO_FREE char *spec = text_format("{\"path\": \"%s\"}", p.repo);
    json_auto_t *answer = NULL;

    cr_expect_eq(work("inspect", spec, &answer), 0);
    cr_expect_str_eq(str(answer, "head"), p.base);
}

static const struct {
    const char *op, *spec, *code, *says;
} wrong[] = {
    {"nothing", "{}", "usage", "there is no operation 'nothing'"},
    {"inspect", "{}", "usage", "'path' must be an absolute path"},
    {"inspect", "{\"path\": \"relative\"}", "usage", "'path' must be an absolute path"},
    {"inspect", "{\"path\": \"/\"}", "environment", "not in a usable git repository"},
    {"inspect", "{broken", "format", "not valid JSON"},
    {"land", "{\"mode\": \"maybe\"}", "usage", "'mode' must be one of merge, branch, none"},
    {"reset", "{\"path\": \"/x\", \"commit\": \"HEAD\"}", "usage", "the full name of a commit"},
    {"copy", "{\"repo\": \"/x\", \"path\": \"/y\", \"commit\": \"--help\"}", "usage", "'commit'"},
};

Test(worker, faults_in_the_file_too)
{
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        json_auto_t *answer = NULL;
        cr_expect_eq(work(wrong[i].op, wrong[i].spec, &answer), 1);
        const json_t *fault = json_object_get(answer, "fault");
        cr_expect_str_eq(str(fault, "code"), wrong[i].code, "%zu", i);
        cr_expect(strstr(str(fault, "message"), wrong[i].says) != NULL, "%s",
                  str(fault, "message"));
    }
}

Test(worker, wrong_use_is_2)
{
    cr_expect_eq(sh_status(p.root, "'%s/kelp-worker' inspect", getenv("KELP_TEST_BUILD")), 2);
}

Test(worker, without_git_says_what_to_install)
{
    AUTO_FREE char *spec = text_format("{\"path\": \"%s\"}", p.repo);
    json_auto_t *answer = NULL;
    AUTO_FREE char *in = os_path(p.root, "spec.json");
    AUTO_FAULT f = {0};

    cr_assert_eq(os_write_file(in, spec, strlen(spec), 0644, &f), 0);
    cr_expect_eq(sh_status(p.root, "PATH=/nowhere '%s/kelp-worker' inspect spec.json r.json",
                           getenv("KELP_TEST_BUILD")),
                 1);
    AUTO_FREE char *out = os_path(p.root, "r.json");
    cr_assert_eq(json_read_file(out, 1 << 20, &answer, &f), 0);
    cr_expect_str_eq(str(json_object_get(answer, "fault"), "code"), "environment");
    cr_expect(strstr(str(json_object_get(answer, "fault"), "hint"), "install git") != NULL);
}

static const struct {
    const char *oid;
    bool good;
} oids[] = {
    {"0123456789abcdef0123456789abcdef01234567", true},
    {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true},
    {"0123456789ABCDEF0123456789abcdef01234567", false},
    {"0123456789abcdef0123456789abcdef0123456", false},
    {"--upload-pack=x", false},
    {"", false},
};

Test(worker, object_names)
{
    for (size_t i = 0; i < COUNT_OF(oids); i++)
        cr_expect_eq(git_is_oid(oids[i].oid), oids[i].good, "%s", oids[i].oid);
}

Test(worker, variables_that_name_another_repository_are_not_passed_on)
{
    AUTO_FREE char *spec = text_format("{\"path\": \"%s\"}", p.repo);
    json_auto_t *answer = NULL;

    setenv("GIT_DIR", "/nowhere", 1);
    setenv("GIT_INDEX_FILE", "/nowhere/index", 1);
    setenv("GIT_WORK_TREE", "/", 1);
    cr_expect_eq(work("inspect", spec, &answer), 0);
    cr_expect_str_eq(str(answer, "top"), p.repo);
}
