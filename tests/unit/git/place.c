/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include "base/vector.h"
#include "git/paths.h"
#include "git/sha1.h"
#include "git/worker.h"
#include "process/run.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_config(const char *home)
{
    AUTO_FREE char *path = os_path(home, ".gitconfig");
    AUTO_FAULT f = {0};
    static const char text[] = "[user]\n\tname = Test User\n\temail = user@example.org\n"
                               "[init]\n\tdefaultBranch = main\n"
                               "[protocol \"file\"]\n\tallow = always\n";

    cr_assert_eq(os_write_file(path, text, strlen(text), 0644, &f), 0, "%s", f.message);
}

struct place place_begin(void)
{
    const char *base = getenv("TMPDIR");
    char *root = os_path(base && *base ? base : "/tmp", "kelp-test-XXXXXX");
    struct place p = {0};
    AUTO_FAULT f = {0};

    cr_assert_not_null(mkdtemp(root));
    p.root = root;
    p.repo = os_path(root, "repo");
    p.clones = os_path(root, "clones");
    AUTO_FREE char *home = os_path(root, "home");
    cr_assert_eq(os_make_dirs(home, 0777, &f), 0);
    cr_assert_eq(os_make_dirs(p.repo, 0777, &f), 0);
    setenv("HOME", home, 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("GIT_DIR");
    write_config(home);
    sh(p.repo, "git init -q");
    return p;
}

void place_commit(struct place *p)
{
    sh(p->repo, "mkdir src && for i in 1 2 3 4 5; do seq 1 20 >src/f$i.c; done && "
                "echo '*.o' >.gitignore && git add . && git commit -qm base && "
                "git init -q --bare ../remote && git remote add origin ../remote && "
                "git push -qu origin main");
    p->base = sh_out(p->repo, "git rev-parse HEAD");
}

void place_end(struct place *p)
{
    AUTO_FAULT f = {0};

    cr_expect_eq(os_remove_tree(p->root, &f), 0, "%s", f.message);
    free(p->root);
    free(p->repo);
    free(p->clones);
    free(p->base);
}

static int run_shell(const char *dir, const char *command, struct text *out)
{
    const char *argv[] = {"/bin/sh", "-ec", command, NULL};
    struct run_spec spec = {.argv = argv, .cwd = dir};
    AUTO_RUN_RESULT result = {0};
    AUTO_FAULT f = {0};

    cr_assert_eq(run_command(&spec, &result, &f), 0, "%s", f.message);
    text_add_n(out, text_get(&result.out), result.out.length);
    if (result.exit_code)
        text_add_n(out, text_get(&result.err), result.err.length);
    return result.exit_code;
}

int sh_status(const char *dir, const char *format, ...)
{
    va_list args;
    AUTO_TEXT out = {0};

    va_start(args, format);
    AUTO_FREE char *command = text_vformat(format, args);
    va_end(args);
    return run_shell(dir, command, &out);
}

void sh(const char *dir, const char *format, ...)
{
    va_list args;
    AUTO_TEXT out = {0};

    va_start(args, format);
    AUTO_FREE char *command = text_vformat(format, args);
    va_end(args);
    int status = run_shell(dir, command, &out);
    cr_assert_eq(status, 0, "%s: %s", command, text_get(&out));
}

char *sh_out(const char *dir, const char *format, ...)
{
    va_list args;
    struct text out = {0};

    va_start(args, format);
    AUTO_FREE char *command = text_vformat(format, args);
    va_end(args);
    int status = run_shell(dir, command, &out);
    cr_assert_eq(status, 0, "%s: %s", command, text_get(&out));
    if (out.length && out.data[out.length - 1] == '\n')
        out.data[--out.length] = '\0';
    return text_take(&out);
}

static json_t *pack(const char *format, va_list args)
{
    json_error_t error;
    json_t *value = json_vpack_ex(&error, 0, format, args);

    cr_assert_not_null(value, "%s", error.text);
    return value;
}

json_t *op(const char *name, const char *format, ...)
{
    va_list args;
    json_t *answer = NULL;
    AUTO_FAULT f = {0};

    va_start(args, format);
    json_auto_t *spec = pack(format, args);
    va_end(args);
    int r = worker_run(name, spec, &answer, &f);
    cr_assert_eq(r, 0, "%s: %s", name, f.message ? f.message : "");
    cr_assert_not_null(answer, "%s gave no answer", name);
    return answer;
}

char *op_fault(const char *name, enum fault_code code, const char *format, ...)
{
    va_list args;
    json_t *answer = NULL;
    AUTO_FAULT f = {0};

    va_start(args, format);
    json_auto_t *spec = pack(format, args);
    va_end(args);
    int r = worker_run(name, spec, &answer, &f);
    cr_assert_eq(r, -(int)code, "%s gave %d: %s", name, r, f.message ? f.message : "no fault");
    return mem_string(f.message);
}

char *clone_path(const struct place *p, const char *name)
{
    return os_path(p->clones, name);
}

json_t *do_copy(const struct place *p, const char *name)
{
    AUTO_FREE char *path = clone_path(p, name);
    AUTO_FREE char *branch = text_format("kelp/%s", name);

    return op("copy", "{s:s, s:s, s:s, s:s, s:s, s:s, s:n}", "repo", p->repo, "source", p->repo,
              "commit", p->base, "branch", branch, "path", path, "run", "ORG_4729", "include_from");
}

json_t *do_settle(const struct place *p, const char *name)
{
    AUTO_FREE char *path = clone_path(p, name);

    return op("settle", "{s:s, s:s, s:s, s:s, s:s, s:n, s:[], s:n}", "path", path, "message",
              "What the agent did", "exec_id", name, "agent_label", "w1.I1", "base", p->base,
              "writes", "exclude", "into");
}

char *settle_and_fetch(const struct place *p, const char *name)
{
    AUTO_FREE char *path = clone_path(p, name);
    AUTO_FREE char *ref = text_format("refs/heads/kelp/%s", name);
    json_auto_t *settled = do_settle(p, name);
    json_auto_t *fetched = op("fetch", "{s:s, s:s, s:s, s:s}", "repo", p->repo, "path", path,
                              "commit", str(settled, "commit"), "ref", ref);

    cr_assert_str_eq(str(fetched, "commit"), str(settled, "commit"));
    return mem_string(str(settled, "commit"));
}

static void describe(const char *full, const char *path, const struct stat *st, struct paths *lines)
{
    struct text line = {0};
    AUTO_TEXT content = {0};
    AUTO_FAULT f = {0};
    unsigned char sum[SHA1_BYTES] = {0};
    char target[4096] = "";

    if (S_ISREG(st->st_mode)) {
        cr_assert_eq(os_read_file(full, 1 << 28, &content, &f), 0, "%s", f.message);
        sha1(text_get(&content), content.length, sum);
    } else if (S_ISLNK(st->st_mode)) {
        cr_assert(readlink(full, target, sizeof target - 1) >= 0);
    }
    text_printf(&line, "%06o %s ", st->st_mode, path);
    for (size_t i = 0; i < SHA1_BYTES; i++)
        text_printf(&line, "%02x", sum[i]);
    text_printf(&line, " %s", target);
    paths_add(lines, line.data);
    text_free(&line);
}

static void list_below(const char *dir, const char *prefix, struct paths *lines)
{
    DIR *entries = opendir(dir);
    struct dirent *entry;

    cr_assert_not_null(entries, "%s", dir);
    while ((entry = readdir(entries)) != NULL) {
        struct stat st;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            strcmp(entry->d_name, ".git") == 0)
            continue;
        AUTO_FREE char *full = os_path(dir, entry->d_name);
        AUTO_FREE char *path = *prefix ? os_path(prefix, entry->d_name) : mem_string(entry->d_name);
        cr_assert_eq(lstat(full, &st), 0);
        describe(full, path, &st, lines);
        if (S_ISDIR(st.st_mode))
            list_below(full, path, lines);
    }
    closedir(entries);
}

char *listing(const char *dir)
{
    AUTO_PATHS lines = {0};
    struct text out = {0};

    list_below(dir, "", &lines);
    paths_sort(&lines);
    for (size_t i = 0; i < lines.count; i++)
        text_printf(&out, "%s\n", lines.at[i]);
    return text_take(&out);
}

bool json_has(const json_t *list, const char *string)
{
    const json_t *entry;
    size_t i;

    json_array_foreach ((json_t *)list, i, entry)
        if (json_is_string(entry) && strcmp(json_string_value(entry), string) == 0)
            return true;
    return false;
}

const char *str(const json_t *object, const char *key)
{
    return json_get_string(object, key, "");
}
