/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tools.h"
#include "temp_dir.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* DIR/work is the working folder, DIR/outside is beyond it. */
struct place {
    char *dir, *work, *outside, *result;
    struct inside inside, context;
    struct toolbox box;
};

static void put(const char *dir, const char *name, const char *content)
{
    AUTO_FREE char *path = os_path(dir, name);
    AUTO_FAULT f = {0};

    cr_assert_eq(os_write_file(path, content, strlen(content), 0644, &f), 0, "%s", f.message);
}

static void make_folder(const char *dir, const char *name)
{
    AUTO_FREE char *path = os_path(dir, name);
    AUTO_FAULT f = {0};

    cr_assert_eq(os_make_dirs(path, 0755, &f), 0, "%s", f.message);
}

static void link_to(const char *dir, const char *name, const char *target)
{
    AUTO_FREE char *path = os_path(dir, name);

    cr_assert_eq(symlink(target, path), 0);
}

static void begin(struct place *p)
{
    AUTO_FAULT f = {0};

    *p = (struct place){.dir = temp_dir_new()};
    p->work = os_path(p->dir, "work");
    p->outside = os_path(p->dir, "outside");
    p->result = os_path(p->outside, "result.json");
    make_folder(p->dir, "work/.git/hooks");
    make_folder(p->dir, "work/src/sub");
    make_folder(p->dir, "outside/context");
    put(p->outside, "secret", "secret\n");
    put(p->outside, "context/findings.json", "[]");
    put(p->work, ".git/config", "[core]\n");
    put(p->work, "src/a.txt", "one\ntwo\nthree\ntwo\n");
    link_to(p->work, "out", p->outside);
    link_to(p->work, "secret", "../outside/secret");
    link_to(p->work, "config", ".git/config");
    link_to(p->work, "git", ".git");
    link_to(p->work, "inner", "src");
    cr_assert_eq(inside_init(&p->inside, p->work, &f), 0, "%s", f.message);
    AUTO_FREE char *context = os_path(p->outside, "context");
    cr_assert_eq(inside_init(&p->context, context, &f), 0, "%s", f.message);
    p->box =
        (struct toolbox){.inside = &p->inside, .context = &p->context, .result_path = p->result};
}

static void end(struct place *p)
{
    inside_fini(&p->inside);
    inside_fini(&p->context);
    free(p->work);
    free(p->outside);
    free(p->result);
    temp_dir_remove(&p->dir);
}

/* "ok TEXT", "denied TEXT" or "error TEXT". The caller frees. */
static char *use(const struct place *p, const char *name, const char *arguments)
{
    struct call call = {.id = (char *)"1", .name = (char *)name};
    struct tool_outcome outcome;

    call.arguments = json_loads(arguments, 0, NULL);
    tools_call(&p->box, &call, &outcome);
    char *said = text_format("%s %s",
                             outcome.denied ? "denied"
                             : outcome.ok   ? "ok"
                                            : "error",
                             text_get(&outcome.text));
    text_free(&outcome.text);
    json_decref(call.arguments);
    return said;
}

static void expect(const struct place *p, const char *name, const char *arguments,
                   const char *beginning)
{
    AUTO_FREE char *said = use(p, name, arguments);

    cr_expect(text_starts(said, beginning), "%s %s: %s", name, arguments, said);
}

/* Everything there is, with its content, as one text. */
static char *picture(const struct place *p)
{
    AUTO_FREE char *command =
        text_format("cd '%s' && find . -printf '%%y %%m %%p %%l\\n' | sort && find . -type f "
                    "-print0 | sort -z | xargs -0 cat",
                    p->dir);
    FILE *out = NULL;
    AUTO_TEXT seen = {0};
    char chunk[4096];
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(ends[1], 1);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    out = fdopen(ends[0], "r");
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, out)) > 0;)
        text_add_n(&seen, chunk, n);
    (void)fclose(out);
    return text_take(&seen);
}

static const char *const escapes[] = {
    "../x",
    "../outside/x",
    "/etc/x",
    "src/../../x",
    "out/x",
    "out/secret",
    "secret",
    ".git/hooks/post",
    ".git/config",
    "config",
    "git/hooks/post",
    "src/../.git/x",
    ".GIT/hooks/post",
    "./.git/x",
    "out/context/findings.json",
    "..",
    "",
    "src/..",
    "/",
    "inner/../../x",
};

static void try_escapes(bool walk)
{
    struct place p;

    begin(&p);
    p.inside.walk = walk;
    AUTO_FREE char *before = picture(&p);
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        AUTO_FREE char *write = text_format("{\"path\":\"%s\",\"content\":\"secret\"}", escapes[i]);
        AUTO_FREE char *edit =
            text_format("{\"path\":\"%s\",\"old\":\"e\",\"new\":\"E\",\"all\":true}", escapes[i]);
        AUTO_FREE char *read = text_format("{\"path\":\"%s\"}", escapes[i]);
        AUTO_FREE char *wrote = use(&p, "write", write);
        AUTO_FREE char *edited = use(&p, "edit", edit);
        AUTO_FREE char *seen = use(&p, "read", read);
        cr_expect_not(text_starts(wrote, "ok"), "write '%s': %s", escapes[i], wrote);
        cr_expect_not(text_starts(edited, "ok"), "edit '%s': %s", escapes[i], edited);
        cr_expect_not(text_starts(seen, "ok"), "read '%s': %s", escapes[i], seen);
    }
    AUTO_FREE char *after = picture(&p);
    cr_assert_str_eq(before, after);
    expect(&p, "write", "{\"path\":\"../x\",\"content\":\"\"}", "denied");
    expect(&p, "write", "{\"path\":\"out/x\",\"content\":\"\"}", "denied");
    expect(&p, "write", "{\"path\":\".git/hooks/x\",\"content\":\"\"}", "denied");
    expect(&p, "list", "{\"path\":\"out\"}", "denied");
    expect(&p, "list", "{\"path\":\".git\"}", "denied");
    expect(&p, "search", "{\"pattern\":\"secret\",\"path\":\"..\"}", "denied");
    expect(&p, "search", "{\"pattern\":\"secret\",\"path\":\"out\"}", "denied");
    expect(&p, "search", "{\"pattern\":\"secret|core\"}", "ok (nothing found)");
    end(&p);
}

Test(tools, escapes)
{
    try_escapes(false);
}

Test(tools, escapes_without_openat2)
{
    try_escapes(true);
}

Test(tools, work)
{
    struct place p;

    begin(&p);
    AUTO_FREE char *absolute = text_format("{\"path\":\"%s/src/a.txt\"}", p.work);
    expect(&p, "list", "{}", "ok config@\ngit@\ninner@\nout@\nsecret@\nsrc/\n");
    expect(&p, "list", "{\"path\":\"src\",\"recursive\":true}", "ok a.txt\nsub/\n");
    expect(&p, "list", "{\"path\":\"src/sub\"}", "ok (empty)\n");
    expect(&p, "read", absolute, "ok one\n");
    expect(&p, "read", "{\"path\":\"inner/a.txt\",\"first\":2,\"lines\":2}",
           "ok two\nthree\n(lines 2 to 3 of 4)\n");
    expect(&p, "read", "{\"path\":\"src/a.txt\",\"first\":9}",
           "error error: 'src/a.txt' has the lines 1 to 4");
    expect(&p, "read", "{\"path\":\"src\"}", "error error: 'src' is a folder");
    expect(&p, "read", "{\"path\":\"none\"}", "error error: there is no 'none'");
    expect(&p, "search", "{\"pattern\":\"t(wo|hree)\",\"path\":\"src\"}",
           "ok src/a.txt:2:two\nsrc/a.txt:3:three\nsrc/a.txt:4:two\n");
    expect(&p, "search", "{\"pattern\":\"(\"}", "error");
    expect(&p, "edit", "{\"path\":\"src/a.txt\",\"old\":\"two\",\"new\":\"2\"}",
           "error error: `old` is in 'src/a.txt' 2 times");
    expect(&p, "edit", "{\"path\":\"src/a.txt\",\"old\":\"four\",\"new\":\"4\"}",
           "error error: `old` is not in");
    expect(&p, "edit", "{\"path\":\"src/a.txt\",\"old\":\"three\",\"new\":\"3\"}", "ok replaced 1");
    expect(&p, "edit", "{\"path\":\"src/a.txt\",\"old\":\"two\",\"new\":\"\",\"all\":true}",
           "ok replaced 2 places");
    expect(&p, "read", "{\"path\":\"src/a.txt\"}", "ok one\n\n3\n\n");
    expect(&p, "write", "{\"path\":\"new/deep/f\",\"content\":\"x\"}", "ok wrote 1 bytes");
    expect(&p, "read", "{\"path\":\"new/deep/f\"}", "ok x");
    end(&p);
}

/* A submodule's copy lies below a folder ".git", and two folders may begin alike. */
Test(inside, paths_count_from_the_folder)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *root = os_path(dir, ".git/modules/work");
    AUTO_FREE char *file = os_path(root, "src/a.txt");
    AUTO_FREE char *twin = os_path(dir, ".git/modules/work-2");
    AUTO_TEXT text = {0};
    AUTO_FAULT f = {0};
    struct inside in;

    make_folder(root, "src");
    cr_assert_eq(inside_init(&in, root, &f), 0, "%s", f.message);
    text_add(&text, "x");
    cr_expect_eq(inside_write(&in, file, &text, &f), 0, "%s", f.message);
    cr_expect_eq(inside_write(&in, "src//new//b.txt", &text, &f), 0, "%s", f.message);
    cr_expect_eq(inside_read(&in, "src/new/b.txt", 10, &text, &f), 0, "%s", f.message);
    cr_expect_str_eq(text_get(&text), "xx");
    cr_expect_str_eq(inside_below(&in, file), "src/a.txt");
    cr_expect_str_eq(inside_below(&in, root), "");
    cr_expect_null(inside_below(&in, twin));
    inside_fini(&in);
}

Test(tools, write_keeps_the_mode)
{
    struct place p;
    struct stat st;

    begin(&p);
    AUTO_FREE char *path = os_path(p.work, "src/a.txt");
    cr_assert_eq(chmod(path, 0750), 0);
    expect(&p, "write", "{\"path\":\"src/a.txt\",\"content\":\"x\"}", "ok");
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0750);
    end(&p);
}

Test(tools, run)
{
    struct place p;

    begin(&p);
    expect(&p, "run", "{\"command\":\"echo a; echo b >&2; exit 3\"}", "ok a\nb\n(exit status 3)\n");
    expect(&p, "run", "{\"command\":\"pwd | sed s,.*/,,; kill -9 $$\"}",
           "ok work\n(ended by signal 9)\n");
    expect(&p, "run", "{\"command\":\"echo a; sleep 600\",\"seconds\":1}",
           "ok a\n(ended after 1 s: its time was over)\n");
    expect(&p, "run", "{\"command\":\"cat\"}", "ok (exit status 0)\n");
    AUTO_FREE char *much = use(&p, "run", "{\"command\":\"seq 100000; exit 7\"}");
    cr_assert_lt(strlen(much), TOOL_RESULT_MAX + 200);
    cr_assert(text_starts(much, "ok 1\n2\n"));
    cr_assert(text_ends(much, "\n100000\n(exit status 7)\n"));
    cr_assert_not_null(strstr(much, "bytes left out"));
    end(&p);
}

/* What it leaves running is ended with it: the pipe that only the sleeper holds comes to its end.
 */
Test(tools, run_ends_what_it_started)
{
    struct place p;

    begin(&p);
    expect(&p, "run", "{\"command\":\"mkfifo f; sleep 600 >f & read -t 1 x <f; echo $! >pid\"}",
           "ok");
    expect(&p, "run",
           "{\"command\":\"kill -0 $(cat pid) 2>/dev/null && grep -q '^State:.[RSD]' "
           "/proc/$(cat pid)/status && echo lives; true\"}",
           "ok (exit status 0)\n");
    end(&p);
}

Test(tools, result_and_context)
{
    struct place p;

    begin(&p);
    AUTO_FREE char *findings = text_format("{\"path\":\"%s/findings.json\"}", p.context.root);
    AUTO_FREE char *by_hand =
        text_format("{\"path\":\"%s\",\"content\":\"{\\\"status\\\":\\\"ok\\\"}\"}", p.result);
    AUTO_FREE char *into = text_format("{\"path\":\"%s/x\",\"content\":\"\"}", p.context.root);
    expect(&p, "result", "{\"status\":\"great\",\"summary\":\"s\"}",
           "error error: arguments: status: is not one of");
    expect(&p, "result", "{\"status\":\"ok\"}", "error error: arguments: 'summary' is missing");
    cr_assert_not(os_exists(p.result));
    expect(&p, "result", "{\"status\":\"ok\",\"summary\":\"s\"}", "ok");
    cr_assert(os_exists(p.result));
    expect(&p, "write", by_hand, "ok");
    expect(&p, "read", findings, "ok []");
    expect(&p, "write", into, "denied");
    end(&p);
}

Test(tools, read_only)
{
    struct place p;
    AUTO_TEXT names = {0};
    size_t i;
    json_t *tool;

    begin(&p);
    p.box.read_only = true;
    json_auto_t *list = tools_describe(&p.box);
    json_array_foreach (list, i, tool)
        text_printf(&names, "%s ", json_get_string(tool, "name", ""));
    cr_assert_str_eq(text_get(&names), "list read search ");
    expect(&p, "write", "{\"path\":\"x\",\"content\":\"\"}", "error error: there is no tool");
    expect(&p, "run", "{\"command\":\"true\"}", "error error: there is no tool");
    p.box.read_only = false;
    p.box.result_path = NULL;
    expect(&p, "result", "{\"status\":\"ok\",\"summary\":\"\"}", "error error: there is no tool");
    expect(&p, "read", "[]", "error error: arguments: is not of type object");
    expect(&p, "read", "{\"path\":5}", "error error: arguments: path: is not of type string");
    end(&p);
}
