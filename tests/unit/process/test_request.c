/* SPDX-License-Identifier: Apache-2.0 */
#include "process/request.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const words[] = {"/bin/sh", "-c", "echo \"$A\"", NULL};
static const char *const variables[] = {"A=1", "B=", NULL};
static const char *const writable[] = {"/a", "/b c"};
static const struct sandbox box = {writable, COUNT_OF(writable), SANDBOX_NETWORK_NONE};

static const struct request samples[] = {
    {.kind = REQUEST_HELLO, .version = 1},
    {.kind = REQUEST_START,
     .spec = {.id = "ORG_1.1/w1.I1.a1",
              .argv = words,
              .envp = variables,
              .cwd = "/c",
              .make_dir = "/d",
              .stdin_path = "/i",
              .stdout_path = "/o",
              .stderr_path = "/e",
              .sandbox = &box,
              .output_max_bytes = 1 << 20,
              .bounds = {{0, 1, 2, 3, UINT64_MAX}, true}}},
    {.kind = REQUEST_START, .spec = {.id = "x", .argv = words}},
    {.kind = REQUEST_STOP, .id = "x", .grace_ms = 2000},
    {.kind = REQUEST_LEAVE},
};

static void expect_same_text(const char *a, const char *b)
{
    cr_expect_eq(a == NULL, b == NULL);
    cr_expect_str_eq(a ? a : "", b ? b : "");
}

static void expect_same_list(const char *const *a, const char *const *b)
{
    size_t i = 0;

    for (; b && b[i]; i++)
        expect_same_text(a[i], b[i]);
    cr_expect_null(a[i]);
}

static void expect_same_spec(const struct keeper_spec *a, const struct keeper_spec *b)
{
    cr_expect_str_eq(a->id, b->id);
    expect_same_list(a->argv, b->argv);
    expect_same_list(a->envp, b->envp);
    expect_same_text(a->cwd, b->cwd);
    expect_same_text(a->make_dir, b->make_dir);
    expect_same_text(a->stdin_path, b->stdin_path);
    expect_same_text(a->stdout_path, b->stdout_path);
    expect_same_text(a->stderr_path, b->stderr_path);
    cr_expect_eq(a->output_max_bytes, b->output_max_bytes);
    for (unsigned i = 0; i < BOUND_COUNT; i++)
        cr_expect_eq(a->bounds.of[i], b->bounds.of[i]);
    cr_expect_eq(a->bounds.sparing, b->bounds.sparing);
    cr_assert_eq(a->sandbox == NULL, b->sandbox == NULL);
    if (!a->sandbox)
        return;
    cr_expect_eq(a->sandbox->network, b->sandbox->network);
    cr_assert_eq(a->sandbox->writable_count, b->sandbox->writable_count);
    for (size_t i = 0; i < b->sandbox->writable_count; i++)
        cr_expect_str_eq(a->sandbox->writable[i], b->sandbox->writable[i]);
}

Test(request, every_kind_comes_back)
{
    AUTO_TEXT t = {0};
    AUTO_ARENA arena = {0};
    size_t at = 0;

    for (size_t i = 0; i < COUNT_OF(samples); i++)
        request_add(&t, &samples[i]);
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct request request;
        int n = request_read(t.data + at, t.length - at, &arena, &request);
        cr_assert_gt(n, 0, "request %zu", i);
        cr_expect_eq(request.kind, samples[i].kind);
        cr_expect_eq(request.version, samples[i].version);
        cr_expect_eq(request.grace_ms, samples[i].grace_ms);
        expect_same_text(request.id, samples[i].id);
        if (request.kind == REQUEST_START)
            expect_same_spec(&request.spec, &samples[i].spec);
        at += (size_t)n;
    }
    cr_expect_eq(at, t.length);
}

Test(request, a_part_is_not_a_request_yet)
{
    AUTO_TEXT t = {0};
    AUTO_ARENA arena = {0};
    struct request request;

    request_add(&t, &samples[1]);
    for (size_t length = 0; length < t.length; length++)
        cr_expect_eq(request_read(t.data, length, &arena, &request), 0, "%zu bytes", length);
}

Test(request, what_is_none_is_refused)
{
    static const struct {
        const char *what;
        const char *bytes;
        size_t length;
    } cases[] = {
        {"no content", "\0\0\0\0", 4},
        {"too long", "\x01\0\x40\0", 4},
        {"an unknown kind", "\x01\0\0\0\x09", 5},
        {"kind 0", "\x01\0\0\0\0", 5},
        {"a hello without version", "\x01\0\0\0\x01", 5},
        {"something behind the fields", "\x06\0\0\0\x01\x01\0\0\0\x07", 10},
        {"more words than bytes", "\x0b\0\0\0\x02\x01\0\0\0a\0\xff\xff\xff\xff", 15},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_ARENA arena = {0};
        struct request request;
        cr_expect_eq(request_read(cases[i].bytes, cases[i].length, &arena, &request), -FAULT_FORMAT,
                     "%s", cases[i].what);
    }
}

Test(request, a_start_needs_a_name_and_a_program)
{
    static const char *const nothing[] = {NULL};
    const struct keeper_spec specs[] = {{.id = "", .argv = words}, {.id = "x", .argv = nothing}};

    for (size_t i = 0; i < COUNT_OF(specs); i++) {
        AUTO_TEXT t = {0};
        AUTO_ARENA arena = {0};
        struct request request, start = {.kind = REQUEST_START, .spec = specs[i]};
        request_add(&t, &start);
        cr_expect_eq(request_read(t.data, t.length, &arena, &request), -FAULT_FORMAT);
    }
}
