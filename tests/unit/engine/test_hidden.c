/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hidden.h"

#include "base/os.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char home[] = "/tmp/kelp-hidden-XXXXXX";
static struct arena arena;

static char *in_home(const char *name)
{
    return os_path(home, name);
}

static void put(const char *name)
{
    AUTO_FREE char *path = in_home(name);
    AUTO_FREE char *above = mem_string_n(path, (size_t)(strrchr(path, '/') - path));
    AUTO_FAULT f = {0};

    cr_assert_eq(os_make_dirs(above, 0700, &f), 0, "%s", f.message);
    cr_assert_eq(os_write_file(path, "x", 1, 0600, &f), 0, "%s", f.message);
}

static void setup(void)
{
    static const char *const files[] = {".ssh/id",        ".netrc", ".claude/login",
                                        ".codex/login",   ".npmrc", "work/repo/file",
                                        ".kube/sub/file", "bin/x",  "run/agent"};

    cr_assert_not_null(mkdtemp(home));
    for (size_t i = 0; i < COUNT_OF(files); i++)
        put(files[i]);
}

static void teardown(void)
{
    AUTO_FAULT f = {0};

    cr_assert_eq(os_remove_tree(home, &f), 0, "%s", f.message);
    arena_free(&arena);
}

TestSuite(hidden, .init = setup, .fini = teardown);

static const char *const claude_keeps[] = {"~/.claude", NULL};
static const char *const codex_keeps[] = {"~/.codex", NULL};
static const struct driver claude = {.name = "claude", .keeps = claude_keeps};
static const struct driver codex = {.name = "codex", .keeps = codex_keeps};
static const struct roster_entry entries[] = {{.driver = &claude}, {.driver = &codex}};
static const struct roster roster = {.at = entries, .count = COUNT_OF(entries)};

static const struct plan_sandbox nothing = {0};

/* "-PATH" for what is hidden and "+PATH" for what is shown, of what lies in the home folder. */
static char *views_of(struct hidden_query q)
{
    const char *const environ[] = {arena_format(&arena, "HOME=%s", home),
                                   arena_format(&arena, "PATH=/usr/bin:%s/.ssh/bin:~", home),
                                   arena_format(&arena, "SSH_AUTH_SOCK=%s/run/agent", home), NULL};
    AUTO_TEXT said = {0};
    AUTO_FAULT f = {0};
    struct sandbox_view *views;
    size_t count;

    q.environ = environ;
    q.asked = q.asked ? q.asked : &nothing;
    q.roster = &roster;
    q.spare = 6;
    cr_assert_eq(hidden_views(&q, &arena, &views, &count, &f), 0, "%s", f.message);
    cr_assert_leq(count + 6, SANDBOX_VIEWS_MAX);
    for (size_t i = 0; i < count; i++)
        if (strncmp(views[i].path, home, strlen(home)) == 0)
            text_printf(&said, "%c%s ", views[i].show ? '+' : '-',
                        views[i].path + strlen(home) + 1);
    return text_take(&said);
}

#define LIST(...)                                                                               \
    {                                                                                           \
        .at = (const char *[]){__VA_ARGS__}, .count = COUNT_OF(((const char *[]){__VA_ARGS__})) \
    }

Test(hidden, keys_and_the_logins_of_others)
{
    AUTO_FREE char *of_claude = views_of((struct hidden_query){.driver = &claude});
    AUTO_FREE char *of_command = views_of((struct hidden_query){.driver = NULL});

    cr_expect_str_eq(of_claude, "-.ssh -.kube -.codex -.netrc -run/agent ");
    cr_expect_str_eq(of_command, "-.ssh -.kube -.codex -.netrc -.claude -run/agent ");
}

Test(hidden, what_the_plan_shows_is_seen_with_what_is_below)
{
    const struct {
        struct plan_sandbox asked;
        const char *said;
    } cases[] = {
        {{.read = LIST("~/.ssh", "~/.kube/sub")}, "-.kube -.codex -.netrc +.kube/sub -run/agent "},
        {{.write = LIST("~/.kube"), .read = LIST("~/.codex/login", "~/none")},
         "-.ssh -.codex -.netrc -run/agent +.codex/login "},
        {{.read = LIST("~")}, ""},
        {{.read = LIST("/")}, ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *said =
            views_of((struct hidden_query){.driver = &claude, .asked = &cases[i].asked});
        cr_expect_str_eq(said, cases[i].said);
    }
}

static int listen_in_home(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    AUTO_FREE char *path = in_home(name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_lt(strlen(path), sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(fd, 1), 0);
    return fd;
}

Test(hidden, whoever_listens_outside_of_what_it_works_with)
{
    AUTO_FREE char *repo = in_home("work/repo"), *moved = in_home("moved");
    const char *needed[] = {repo};
    int fds[] = {listen_in_home("editor"),       listen_in_home("work/repo/own"),
                 listen_in_home(".ssh/control"), listen_in_home("gone"),
                 listen_in_home("shown"),        listen_in_home(".codex/own")};

    /* What only had that name is none of theirs. */
    AUTO_FREE char *gone = in_home("gone");
    cr_assert_eq(rename(gone, moved), 0);
    put("gone");
    const struct plan_sandbox asked = {.read = LIST("~/shown")};
    const struct hidden_query q = {
        .driver = &codex, .asked = &asked, .needed = {needed, COUNT_OF(needed)}};
    AUTO_FREE char *said = views_of(q);
    cr_expect_str_eq(said, "-.ssh -.kube -.netrc -editor -.claude -run/agent ");
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        (void)close(fds[i]);
}

/* There is room left for what is shown, and nothing fails. */
Test(hidden, more_listen_than_there_is_room_for)
{
    enum { MANY = SANDBOX_VIEWS_MAX + 10 };
    int fds[MANY];

    for (int i = 0; i < MANY; i++) {
        AUTO_FREE char *name = text_format("s%d", i);
        fds[i] = listen_in_home(name);
    }
    AUTO_FREE char *said = views_of((struct hidden_query){.driver = &claude});
    cr_expect_eq(strncmp(said, "-s", 2), 0);
    for (int i = 0; i < MANY; i++)
        (void)close(fds[i]);
}

/* Its login is a link into the home folder, which it may write to renew it. */
Test(hidden, what_its_driver_uses_is_seen)
{
    const struct driver_file link = {.path = "login",
                                     .target = arena_format(&arena, "%s/.codex/login", home)};
    const struct driver_launch launch = {.files = &link,
                                         .file_count = 1,
                                         .readable = LIST("~/.kube"),
                                         .writable = LIST("~/.ssh/id")};
    AUTO_FREE char *said = views_of((struct hidden_query){.driver = &claude, .launch = &launch});

    cr_expect_str_eq(said, "-.ssh -.codex -.netrc +.ssh/id -run/agent +.codex/login ");
}

/* A folder of programs, and what it works with, below something hidden; by links too. */
Test(hidden, what_it_works_with_is_seen_wherever_it_lies)
{
    AUTO_FREE char *link = in_home("keys");
    AUTO_FREE char *target = in_home(".ssh");
    const struct hidden_query q = {.driver = &claude, .needed = LIST("~/.netrc", "~/keys/id", "~")};

    put(".ssh/bin/tool");
    cr_assert_eq(symlink(target, link), 0);
    AUTO_FREE char *said = views_of(q);
    cr_expect_str_eq(said, "-.ssh -.kube -.codex -.netrc +.ssh/id +.ssh/bin -run/agent ");
}

/* The place that a link leads to is hidden, so that no other name leads there. */
Test(hidden, a_key_that_is_a_link_is_hidden_where_it_is)
{
    AUTO_FREE char *link = in_home(".aws");
    AUTO_FREE char *target = in_home("work/repo");

    cr_assert_eq(symlink(target, link), 0);
    AUTO_FREE char *said = views_of((struct hidden_query){.driver = &claude});
    cr_expect_str_eq(said, "-.ssh -.kube -.codex -.netrc -run/agent -work/repo ");
}

Test(hidden, more_than_fits_is_a_fault)
{
    const char *paths[SANDBOX_VIEWS_MAX];
    const char *const environ[] = {arena_format(&arena, "HOME=%s", home), NULL};
    struct hidden_query q = {
        .asked = &nothing, .environ = environ, .needed = {paths, COUNT_OF(paths)}};
    AUTO_FAULT f = {0};
    struct sandbox_view *views;
    size_t count;

    for (size_t i = 0; i < COUNT_OF(paths); i++)
        paths[i] = "~/.ssh/id";
    cr_expect_eq(hidden_views(&q, &arena, &views, &count, &f), -FAULT_LIMIT);
    cr_expect_not_null(f.hint);
}
