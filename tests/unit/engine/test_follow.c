/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/follow.h"

#include "sample.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct world w;
static uint32_t job;

/* What was told. */
static struct {
    unsigned times;
    char text[100];
    int64_t tokens;
    bool limited;
} told;

static void note(void *ctx, const struct tree *t, uint32_t of, const struct activity *a)
{
    (void)ctx;
    (void)t;
    cr_expect_eq(of, job);
    told.times++;
    told.tokens = a->tokens;
    told.limited = a->limited;
    cr_assert_lt(strlen(a->text), sizeof told.text);
    memcpy(told.text, a->text, strlen(a->text) + 1);
}

static void setup(void)
{
    job = sample_begin(&w);
    w.e.options.hooks.activity = note;
    (void)uv_loop_init(&w.e.loop);
    (void)uv_timer_init(&w.e.loop, &w.e.follow_timer);
    w.e.follow_timer.data = &w.e;
}

static void teardown(void)
{
    uv_close((uv_handle_t *)&w.e.follow_timer, NULL);
    (void)uv_run(&w.e.loop, UV_RUN_DEFAULT);
    cr_expect_eq(uv_loop_close(&w.e.loop), 0);
    vector_free(&w.e.followed);
    world_end(&w);
}

TestSuite(follow, .init = setup, .fini = teardown);

static void print(const char *line)
{
    AUTO_FREE char *dir = path_attempt(&w.e, job);
    AUTO_FREE char *path = os_path(dir, "stdout");
    AUTO_FAULT f = {0};

    cr_assert_eq(os_make_dirs(dir, 0700, &f), 0);
    AUTO_CLOSE fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    cr_assert_eq(os_write_all(fd, line, strlen(line)), 0);
}

/* The system tells of the change; the test ends by its limit if it does not. */
static void until_told(unsigned times)
{
    while (told.times < times)
        (void)uv_run(&w.e.loop, UV_RUN_ONCE);
}

Test(follow, what_it_does_is_told_when_it_changes)
{
    print("{\"type\":\"tool\",\"id\":\"1\",\"name\":\"read\",\"detail\":\"a.c\"}\n");
    follow_begin(&w.e, job);
    follow_begin(&w.e, job);
    until_told(1);
    cr_expect_str_eq(told.text, "read a.c", "what was there before it was followed");
    print("{\"type\":\"usage\",\"input\":10,\"output\":2}\n"
          "{\"type\":\"tool\",\"id\":\"2\",\"name\":\"run\",\"detail\":\"echo hush-hush-hush\"}\n");
    until_told(2);
    cr_expect_str_eq(told.text, "run echo **************");
    cr_expect_eq(told.tokens, 12);
    cr_expect_eq(w.e.followed_count, 1);
    follow_end(&w.e, job);
    cr_expect_eq(w.e.followed_count, 0);
}

Test(follow, waiting_for_its_provider_is_told)
{
    print(
        "{\"type\":\"wait\",\"error\":\"rate_limit\",\"message\":\"slow down\",\"seconds\":38}\n");
    follow_begin(&w.e, job);
    until_told(1);
    cr_expect(told.limited);
    follow_end(&w.e, job);
}

/* However much it prints, one turn takes a piece of it. */
Test(follow, much_output_is_read_in_turns)
{
    enum { BLOCK = 64 * 1024 };
    AUTO_TEXT block = {0};

    while (block.length < BLOCK)
        text_add_char(&block, 'x');
    for (int i = 0; i < 16; i++)
        print(text_get(&block));
    print("\n{\"type\":\"tool\",\"id\":\"1\",\"name\":\"read\",\"detail\":\"a.c\"}\n");
    follow_begin(&w.e, job);
    cr_expect(follow_read(&w.e), "a MiB is more than a piece");
    cr_expect_eq(told.times, 0);
    while (follow_read(&w.e))
        ;
    cr_expect_str_eq(told.text, "read a.c");
    follow_end(&w.e, job);
}
