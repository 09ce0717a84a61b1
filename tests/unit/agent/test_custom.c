/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/custom.h"

#include "agent/driver.h"
#include "base/text.h"
#include "temp_dir.h"

#include <string.h>

static int prepare(const char *yaml, const struct driver_request *q, struct arena *a,
                   struct driver_launch *ret, struct fault *f)
{
    struct custom *c = ARENA_NEW(a, struct custom);
    int r = custom_parse(&(struct source){yaml, strlen(yaml), "d.yaml"}, a, c, f);

    cr_assert_eq(r, 0, "%s", f->message);
    c->bridge = "/lib/kelp-acp";
    const struct driver *d = custom_driver(c, a);
    return d->prepare(d, q, a, ret, f);
}

/* Words with a bar between them. */
static char *join(const char *const *words, size_t count)
{
    struct text t = {0};

    for (size_t i = 0; i < count && words[i]; i++)
        text_printf(&t, "%s%s", i ? "|" : "", words[i]);
    return text_take(&t);
}

static struct driver_request request(void)
{
    return (struct driver_request){.program = "/bin/prog",
                                   .model = "",
                                   .base_url = "",
                                   .prompt = "do it",
                                   .prompt_file = "/a/prompt.md",
                                   .dir = "/a",
                                   .home = "/h",
                                   .work = "/w",
                                   .user_home = "/u",
                                   .session = "",
                                   .schema = ""};
}

static const struct {
    const char *yaml, *model, *session, *argv;
    bool read_only;
} cases[] = {
    {"args: [run, '-']", "", "", "/bin/prog|run|-"},
    {"args: [{when: model, args: [-m, '{{model}}']}, x]", "", "", "/bin/prog|x"},
    {"args: [{when: model, args: [-m, '{{model}}']}, x]", "m1", "", "/bin/prog|-m|m1|x"},
    {"args: [{unless: session, args: new}, '{{work}}']", "", "", "/bin/prog|new|/w"},
    {"args: [{unless: session, args: new}, '{{work}}']", "", "s1", "/bin/prog|/w"},
    {"args: [new]\nresume: [again, '{{session}}']", "", "s1", "/bin/prog|again|s1"},
    {"args: [new]\nresume: [again, '{{session}}']", "", "", "/bin/prog|new"},
    {"prompt: argument\nargs: [-p, '{{prompt}}']", "", "", "/bin/prog|-p|do it"},
    {"prompt: file\nargs: ['--file={{prompt_file}}']", "", "", "/bin/prog|--file=/a/prompt.md"},
    {"args: [{when: read_only, args: --plan}, {unless: read_only, args: --yolo}]", "", "",
     "/bin/prog|--plan", true},
    {"output: acp\nargs: [--acp]", "m1", "s1",
     "/lib/kelp-acp|--cwd|/w|--model|m1|--session|s1|--|/bin/prog|--acp"},
    {"output: acp\nacp: {mode: yolo, read_only_mode: plan}\nargs: [-m, '{{model}}']", "m1", "",
     "/lib/kelp-acp|--cwd|/w|--mode|yolo|--|/bin/prog|-m|m1"},
    {"output: acp\nacp: {any_model: yes}", "m1", "",
     "/lib/kelp-acp|--cwd|/w|--model|m1|--any-model|--|/bin/prog"},
    {"output: acp\nacp: {usage: last}", "", "", "/lib/kelp-acp|--cwd|/w|--usage|last|--|/bin/prog"},
    {"output: acp\nacp: {mode: yolo, read_only_mode: plan}", "", "",
     "/lib/kelp-acp|--cwd|/w|--mode|plan|--read-only|--|/bin/prog", true},
};

Test(custom, command_lines)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA a = {0};
        AUTO_FAULT f = {0};
        AUTO_FREE char *yaml = text_format("name: x\nprogram: prog\n%s\n", cases[i].yaml);
        struct driver_request q = request();
        struct driver_launch launch;

        q.model = cases[i].model;
        q.session = cases[i].session;
        q.read_only = cases[i].read_only;
        cr_assert_eq(prepare(yaml, &q, &a, &launch, &f), 0, "%s", f.message);
        AUTO_FREE char *argv = join(launch.argv, SIZE_MAX);
        cr_expect_str_eq(argv, cases[i].argv, "%s", argv);
        cr_expect_eq(launch.prompt_on_stdin, !strstr(yaml, "prompt:"));
    }
}

Test(custom, environment_and_files)
{
    static const char yaml[] =
        "name: x\nprogram: prog\nhome: [HOME]\nwritable: ['{{user_home}}/.x', '{{base_url}}']\n"
        "environment: {pass: [P], secrets: [S], set: {M: '{{model}}', U: '{{base_url}}', D: d}}\n"
        "args: [{when: schema, args: ['{{schema_file}}']}]\n"
        "files: [{path: '{{home}}/c', content: 'at {{work}}'}, {path: '{{dir}}/l', link: ~/key},\n"
        "  {path: '{{dir}}/m', link: ~/missing}]\n";
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *key = os_path(dir, "key");
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct driver_request q = request();
    struct driver_launch launch;

    cr_assert_eq(os_write_file(key, "k", 1, 0600, &f), 0);
    q.user_home = dir;
    q.base_url = "http://x/v1";
    q.schema = "{}";
    cr_assert_eq(prepare(yaml, &q, &a, &launch, &f), 0, "%s", f.message);
    AUTO_FREE char *set = join(launch.set.at, launch.set.count);
    AUTO_FREE char *pass = join(launch.pass.at, launch.pass.count);
    cr_expect_str_eq(set, "HOME=/h|U=http://x/v1|D=d", "%s", set);
    cr_expect_str_eq(pass, "P|S");
    cr_expect_eq(launch.secrets.count, 1);
    cr_expect_str_eq(launch.argv[1], "/a/schema.json");
    cr_expect_eq(launch.writable.count, 2);
    cr_assert_eq(launch.file_count, 3, "the link that leads nowhere is not made");
    cr_expect_str_eq(launch.files[0].content, "{}");
    cr_expect_str_eq(launch.files[1].path, "/h/c");
    cr_expect_str_eq(launch.files[1].content, "at /w");
    cr_expect_str_eq(launch.files[2].path, "/a/l");
    cr_expect_str_eq(launch.files[2].target, key);
}

/* Linux takes an argument of 128 KiB with its NUL and no more. */
Test(custom, a_prompt_that_is_no_argument)
{
    static const char yaml[] = "name: x\nprogram: p\nprompt: argument\nargs: ['{{prompt}}']\n";
    AUTO_FREE char *prompt = mem_alloc(CUSTOM_ARGUMENT_MAX + 2);
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct driver_request q = request();
    struct driver_launch launch;

    memset(prompt, 'x', CUSTOM_ARGUMENT_MAX + 1);
    prompt[CUSTOM_ARGUMENT_MAX] = '\0';
    q.prompt = prompt;
    cr_assert_eq(prepare(yaml, &q, &a, &launch, &f), 0, "%s", f.message);
    prompt[CUSTOM_ARGUMENT_MAX] = 'x';
    prompt[CUSTOM_ARGUMENT_MAX + 1] = '\0';
    cr_assert_eq(prepare(yaml, &q, &a, &launch, &f), -FAULT_LIMIT);
    cr_expect_str_eq(f.message, "the driver 'x' gives the prompt as an argument, which may have "
                                "131071 bytes; this one has 131072");
}

/* The environment of a driver that is compiled in, with words of its own. */
Test(custom, like_another)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct driver_request q = request();
    struct driver_launch theirs, own;
    struct custom c = {.name = "x", .like = driver_builtin_find("gemini"), .set = {0}};
    const struct custom_variable variable = {"OWN", "1"};

    cr_assert_not_null(c.like);
    c.set.at = &variable;
    c.set.count = 1;
    const struct driver *d = custom_driver(&c, &a);
    cr_assert_eq(c.like->prepare(c.like, &q, &a, &theirs, &f), 0, "%s", f.message);
    cr_assert_eq(d->prepare(d, &q, &a, &own, &f), 0, "%s", f.message);
    cr_expect_eq(own.set.count, theirs.set.count + 1);
    cr_expect_str_eq(own.set.at[own.set.count - 1], "OWN=1");
    cr_expect_eq(own.file_count, theirs.file_count);
    cr_expect_eq(own.pass.count, theirs.pass.count);
    cr_expect_eq(own.secrets.count, theirs.secrets.count);
    cr_expect_str_eq(own.argv[0], "/bin/prog");
    cr_expect_null(own.argv[1], "its own words");
    cr_expect_eq(d->keeps, c.like->keeps);
    c.keeps.at = (const char *[]){"~/.x"};
    c.keeps.count = 1;
    d = custom_driver(&c, &a);
    cr_expect_str_eq(d->keeps[0], "~/.x");
    cr_expect_null(d->keeps[1]);
}

/* What is in the values is not a template again. */
Test(custom, values_are_plain)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    struct driver_request q = request();
    struct driver_launch launch;

    q.prompt = "{{model}} $(x) 'y'";
    cr_assert_eq(prepare("name: x\nprogram: p\nprompt: argument\nargs: ['{{prompt}}']\n", &q, &a,
                         &launch, &f),
                 0);
    cr_expect_str_eq(launch.argv[1], "{{model}} $(x) 'y'");
}
