/* SPDX-License-Identifier: Apache-2.0 */
#include "git/inspect.h"

#include "base/os.h"
#include "git/clone.h"

#include <string.h>

const char *repo_state_name(enum repo_state state)
{
    static const char *const names[] = {
#define REPO_STATE_NAME(name, word) [REPO_##name] = word,
        REPO_STATES(REPO_STATE_NAME)
#undef REPO_STATE_NAME
    };

    return names[state];
}

enum repo_state repo_state_of(const char *git_dir)
{
    /* In git's own order: an am or a rebase may have a cherry-pick inside. */
    static const struct {
        const char *file;
        enum repo_state state;
    } signs[] = {
        {"rebase-merge", REPO_REBASE},
        {"rebase-apply/applying", REPO_AM},
        {"rebase-apply", REPO_REBASE},
        {"MERGE_HEAD", REPO_MERGE},
        {"CHERRY_PICK_HEAD", REPO_CHERRY_PICK},
        {"REVERT_HEAD", REPO_REVERT},
        {"BISECT_LOG", REPO_BISECT},
    };

    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        AUTO_FREE char *path = os_path(git_dir, signs[i].file);
        if (os_exists(path))
            return signs[i].state;
    }
    return REPO_CLEAN;
}

/* merge-tree --write-tree, which shows a merge without making it, is of 2.38; what is tested is
 * 2.39 and newer. */
enum { GIT_MAJOR = 2, GIT_MINOR = 39 };

static int check_version(const char *version, struct fault *f)
{
    char *end;
    unsigned long major = strtoul(version, &end, 10);
    unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

    if (major > GIT_MAJOR || (major == GIT_MAJOR && minor >= GIT_MINOR))
        return 0;
    int r = fault_set(f, FAULT_ENVIRONMENT, "git '%s' is too old", version);
    fault_hint(f, "install git %d.%d or newer", GIT_MAJOR, GIT_MINOR);
    return r;
}

static int read_version(const struct git *g, struct repo_info *info, struct fault *f)
{
    AUTO_FREE char *line = NULL;

    int r = git_word(g, GIT_ARGS("version"), &line, f);
    if (r < 0)
        return r;
    const char *version = text_starts(line, "git version ") ? line + strlen("git version ") : line;
    info->git_version = mem_string_n(version, strcspn(version, " "));
    return check_version(info->git_version, f);
}

static int unusable_place(const struct git *g, struct fault *f)
{
    bool foreign = strstr(f->message, "dubious ownership") != NULL;

    f->code = FAULT_ENVIRONMENT;
    (void)fault_wrap(f, "'%s' is not in a usable git repository", g->cwd);
    if (foreign)
        fault_hint(f, "it belongs to somebody else; if you trust it: "
                      "git config --global --add safe.directory \"$PWD\"");
    else
        fault_hint(f, "run kelp inside a repository, or make one with 'git init'");
    return -FAULT_ENVIRONMENT;
}

/* Finds the repository. What git says when it finds none is the reason shown. */
static int read_place(const struct git *g, struct repo_info *info, struct fault *f)
{
    AUTO_FREE char *bare = NULL;

    int r = git_word(g, GIT_ARGS("rev-parse", "--absolute-git-dir"), &info->git_dir, f);
    if (r == -FAULT_GIT)
        return unusable_place(g, f);
    if (r == 0)
        r = git_word(g, GIT_ARGS("rev-parse", "--is-bare-repository"), &bare, f);
    if (r != 0)
        return r;
    info->bare = strcmp(bare, "true") == 0;
    return info->bare ? 0 : git_word(g, GIT_ARGS("rev-parse", "--show-toplevel"), &info->top, f);
}

static int read_head(const struct git *g, struct repo_info *info, struct fault *f)
{
    int r = git_commit_or_null(g, "HEAD", &info->head, f);
    if (r < 0)
        return r;
    info->unborn = !info->head;
    return git_head_branch(g, &info->branch, f);
}

static int config_bool(const struct git *g, const char *key, bool *ret, struct fault *f)
{
    AUTO_FREE char *value = NULL;

    int r = git_config_value(g, GIT_ARGS("--type=bool", "--get", key), &value, f);
    if (r == 0)
        *ret = value && strcmp(value, "true") == 0;
    return r;
}

static int read_flags(const struct git *g, struct repo_info *info, struct fault *f)
{
    AUTO_FREE char *shallow = NULL, *run = NULL;

    int r = git_word(g, GIT_ARGS("rev-parse", "--is-shallow-repository"), &shallow, f);
    if (r == 0)
        r = config_bool(g, "core.sparseCheckout", &info->sparse, f);
    if (r == 0)
        r = git_config_value(g, GIT_ARGS("--get", "kelp.run"), &run, f);
    if (r < 0)
        return r;
    info->shallow = strcmp(shallow, "true") == 0;
    info->inside_clone = run != NULL || clone_holds(g->cwd);
    return 0;
}

/* The remote of the branch, else the only one there is, else "origin". */
static int read_remote(const struct git *g, struct repo_info *info, struct fault *f)
{
    AUTO_TEXT out = {0};
    AUTO_FREE char *key = text_format("branch.%s.remote", info->branch ? info->branch : "");

    int r = info->branch ? git_config_value(g, GIT_ARGS("--get", key), &info->remote, f) : 0;
    if (r < 0 || info->remote)
        return r;
    r = git_run(g, GIT_ARGS("remote"), &out, f);
    if (r < 0 || !out.length)
        return r;
    const char *line_end = strchr(out.data, '\n');
    bool only = line_end && !line_end[1];
    if (only)
        info->remote = mem_string_n(out.data, (size_t)(line_end - out.data));
    else if (text_starts(out.data, "origin\n") || strstr(out.data, "\norigin\n"))
        info->remote = mem_string("origin");
    return 0;
}

/* One entry of `git status --porcelain=v2 --branch -z`. */
static void read_status_entry(const char *entry, struct repo_info *info)
{
    static const char upstream[] = "# branch.upstream ", ab[] = "# branch.ab +";

    if (text_starts(entry, upstream)) {
        free(info->upstream);
        info->upstream = mem_string(entry + strlen(upstream));
    } else if (text_starts(entry, ab)) {
        const char *ahead = entry + strlen(ab);
        AUTO_FREE char *digits = mem_string_n(ahead, strcspn(ahead, " "));
        (void)text_to_int64(digits, 0, INT64_MAX, &info->ahead); /* else it stays as it was */
    } else if (entry[0] != '#') {
        info->dirty = true;
    }
}

void repo_status_read(const struct text *out, struct repo_info *info)
{
    AUTO_PATHS entries = {0};

    paths_add_nul(&entries, out);
    for (size_t i = 0; i < entries.count; i++)
        read_status_entry(entries.at[i], info);
}

static int read_status(const struct git *g, struct repo_info *info, struct fault *f)
{
    AUTO_TEXT out = {0};

    int r =
        git_run(g, GIT_ARGS("status", "--porcelain=v2", "--branch", "-z", "--no-renames"), &out, f);
    if (r == 0)
        repo_status_read(&out, info);
    return r;
}

static int count_files(const struct git *g, struct repo_info *info, struct fault *f)
{
    AUTO_TEXT out = {0};

    int r = git_run(g, GIT_ARGS("ls-files", "-z"), &out, f);
    for (size_t i = 0; r == 0 && i < out.length; i++)
        info->tracked_files += out.data[i] == '\0';
    return r;
}

static int inspect_work_tree(const struct git *g, struct repo_info *info, struct fault *f)
{
    struct git top = *g;

    top.cwd = info->top;
    int r = read_status(&top, info, f);
    return r < 0 ? r : count_files(&top, info, f);
}

static int read_all(const struct git *g, struct repo_info *info, struct fault *f)
{
    int r = read_version(g, info, f);
    if (r == 0)
        r = read_place(g, info, f);
    if (r == 0)
        r = read_head(g, info, f);
    if (r == 0)
        r = read_flags(g, info, f);
    if (r == 0)
        r = read_remote(g, info, f);
    if (r == 0 && !info->bare)
        r = inspect_work_tree(g, info, f);
    return r;
}

/* A damaged index or ref, or a filter that is not installed: nothing that kelp could get around. */
static int unusable_state(struct fault *f)
{
    f->code = FAULT_ENVIRONMENT;
    fault_hint(f, "make `git status` and `git fsck` work here first; a filter that they miss "
                  "(git-lfs?) has to be installed");
    return -FAULT_ENVIRONMENT;
}

int repo_check_refs(const char *top, struct fault *f)
{
    struct git g = {.cwd = top};

    /* All are looked up, none is shown. */
    int r = git_run(&g, GIT_ARGS("rev-list", "--max-count=0", "--all"), NULL, f);
    return r == -FAULT_GIT ? unusable_state(f) : r;
}

int repo_inspect(const char *path, struct repo_info *ret, struct fault *f)
{
    struct git g = {.cwd = path};
    AUTO_REPO_INFO info = {0};

    int r = read_all(&g, &info, f);
    if (r == -FAULT_GIT)
        return unusable_state(f);
    if (r < 0)
        return r;
    info.state = repo_state_of(info.git_dir);
    *ret = info;
    info = (struct repo_info){0};
    return 0;
}

void repo_info_free(struct repo_info *info)
{
    free(info->top);
    free(info->git_dir);
    free(info->head);
    free(info->branch);
    free(info->upstream);
    free(info->remote);
    free(info->git_version);
    *info = (struct repo_info){0};
}
