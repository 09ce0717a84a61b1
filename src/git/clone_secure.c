/* SPDX-License-Identifier: Apache-2.0 */
#include "git/clone.h"

#include "base/os.h"
#include "git/clone_priv.h"
#include "git/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Real folders of a .git that kelp writes into; a link there would lead its writes astray. */
static const char *const folders[] = {
    "objects",   "objects/info", "objects/pack", "refs",      "refs/heads",
    "refs/tags", "info",         "logs",         "logs/refs", "logs/refs/heads",
};

/* What an unfinished or a planted thing leaves: states, redirections, grafts. */
static const char *const leftovers[] = {
    "commondir",   "config.worktree",      "info/attributes",
    "info/grafts", "info/sparse-checkout", "objects/info/http-alternates",
};

static void put_value(struct text *out, const char *key, const char *value)
{
    text_printf(out, "\t%s = \"", key);
    for (const char *p = value; *p; p++) {
        if (*p == '\n')
            text_add(out, "\\n");
        else if (*p == '"' || *p == '\\')
            text_printf(out, "\\%c", *p);
        else
            text_add_char(out, *p);
    }
    text_add(out, "\"\n");
}

void clone_config_text(const struct clone *clone, struct text *out)
{
    text_printf(out,
                "[core]\n\trepositoryformatversion = %d\n\tfilemode = true\n\tbare = false\n"
                "\tsymlinks = true\n\tautocrlf = false\n\tlogallrefupdates = true\n"
                "\thooksPath = /dev/null\n\tfsmonitor = false\n",
                clone->sha256 ? 1 : 0);
    /* A copy of a tree as it is has what is a name here, although it would be none elsewhere. */
    if (clone->raw)
        text_add(out, "\tprotectNTFS = false\n\tprotectHFS = false\n");
    if (clone->sha256)
        text_add(out, "[extensions]\n\tobjectFormat = sha256\n");
    text_add(out, "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
                  "[commit]\n\tgpgSign = false\n[tag]\n\tgpgSign = false\n[user]\n");
    put_value(out, "name", clone->who.name);
    put_value(out, "email", clone->who.email);
    text_add(out, "[kelp]\n");
    put_value(out, "run", clone->run);
}

static int make_folders(const struct clone *clone, struct fault *f)
{
    int r = dir_ensure(clone->git_dir, f);

    for (size_t i = 0; r == 0 && i < COUNT_OF(folders); i++) {
        AUTO_FREE char *path = os_path(clone->git_dir, folders[i]);
        r = dir_ensure(path, f);
    }
    return r;
}

static int remove_leftovers(const struct clone *clone, struct fault *f)
{
    AUTO_FREE char *packed = os_path(clone->git_dir, "packed-refs");

    if (os_is_dir(packed)) {
        int r = os_remove_tree(packed, f);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < COUNT_OF(leftovers); i++) {
        AUTO_FREE char *path = os_path(clone->git_dir, leftovers[i]);
        int r = os_remove_tree(path, f);
        if (r < 0)
            return r;
    }
    return 0;
}

static int put_alternates(const struct clone *clone, struct fault *f)
{
    AUTO_FREE char *kept = os_path(clone->side, "objects");
    AUTO_TEXT text = {0};

    path_quote_line(&text, kept);
    for (size_t i = 0; i < clone->objects.count; i++)
        path_quote_line(&text, clone->objects.at[i]);
    return file_put_in(clone->git_dir, "objects/info/alternates", &text, f);
}

static int make_kept_folder(const struct clone *clone, struct fault *f)
{
    AUTO_FREE char *path = os_path(clone->side, "objects/pack");

    return dir_ensure(path, f);
}

/* A copy of a side file, or nothing where there is no such side file. */
static int put_from_side(const struct clone *clone, const char *name, const char *to,
                         struct fault *f)
{
    AUTO_TEXT text = {0};
    AUTO_FREE char *path = os_path(clone->git_dir, to);

    int r = file_get_in(clone->side, name, &text, f);
    if (r < 0)
        return r;
    return text.length ? file_put(path, text.data, text.length, f) : os_remove_tree(path, f);
}

static int put_control_files(const struct clone *clone, struct fault *f)
{
    static const struct text none = {0};
    struct text raw = {.data = (char *)"* -text -ident -filter -working-tree-encoding -crlf\n"};
    AUTO_TEXT config = {0};

    raw.length = strlen(raw.data);
    clone_config_text(clone, &config);
    int r = file_put_in(clone->git_dir, "config", &config, f);
    if (r == 0)
        r = make_kept_folder(clone, f);
    if (r == 0)
        r = put_alternates(clone, f);
    if (r == 0)
        r = put_from_side(clone, "exclude", "info/exclude", f);
    if (r == 0)
        r = put_from_side(clone, "shallow", "shallow", f);
    if (r == 0)
        r = file_put_in(clone->git_dir, "info/attributes", clone->raw ? &raw : &none, f);
    return r;
}

static int put_head(const struct clone *clone, struct fault *f)
{
    AUTO_TEXT head = {0};

    if (clone->branch)
        text_printf(&head, "ref: refs/heads/%s\n", clone->branch);
    else
        text_printf(&head, "%s\n", clone->tip);
    return file_put_in(clone->git_dir, "HEAD", &head, f);
}

static int put_branch(const struct clone *clone, struct fault *f)
{
    AUTO_FREE char *ref = text_format("%s/refs/heads/%s", clone->git_dir, clone->branch);
    AUTO_FREE char *line = text_format("%s\n", clone->tip);

    int r = dir_make_above(ref, f);
    return r < 0 ? r : file_put(ref, line, strlen(line), f);
}

/* Everything but the working tree's files. */
static int write_git_dir(const struct clone *clone, struct fault *f)
{
    int r = make_folders(clone, f);
    if (r == 0)
        r = put_control_files(clone, f);
    if (r == 0)
        r = put_from_side(clone, "packed-refs", "packed-refs", f);
    if (r == 0 && clone->branch)
        r = put_branch(clone, f);
    if (r == 0)
        r = put_head(clone, f);
    return r;
}

int clone_make(struct clone *clone, struct fault *f)
{
    int r = os_make_dirs(clone->path, 0777, f);

    return r < 0 ? r : write_git_dir(clone, f);
}

static bool looks_like_head(const struct clone *clone)
{
    AUTO_TEXT head = {0};
    AUTO_FAULT ignored = {0};

    if (file_get_in(clone->git_dir, "HEAD", &head, &ignored) < 0 || !head.length)
        return false;
    if (head.data[head.length - 1] == '\n')
        head.data[--head.length] = '\0';
    return text_starts(head.data, "ref: refs/") || git_is_oid(head.data);
}

/* Git's own test: a HEAD, refs/ and objects/. */
static bool is_git_dir(const struct clone *clone)
{
    AUTO_FREE char *refs = os_path(clone->git_dir, "refs");
    AUTO_FREE char *objects = os_path(clone->git_dir, "objects");
    struct stat st;

    return lstat(clone->git_dir, &st) == 0 && S_ISDIR(st.st_mode) && os_is_dir(refs) &&
           os_is_dir(objects) && looks_like_head(clone);
}

int clone_secure(const struct clone *clone, struct fault *f)
{
    bool is_one = is_git_dir(clone);
    AUTO_FREE char *lock = text_format("%s.lock", clone->index);
    int r = os_remove_tree(lock, f);

    /* First of all .git is made a folder of its own, whatever it was: the rest removes things
     * there. */
    if (r == 0)
        r = make_folders(clone, f);
    if (r == 0)
        r = clone_sweep(clone, f);
    if (r == 0)
        r = remove_leftovers(clone, f);
    if (r < 0)
        return r;
    return is_one ? put_control_files(clone, f) : write_git_dir(clone, f);
}

int clone_forget_state(const struct clone *clone, struct fault *f)
{
    static const char *const states[] = {
        "MERGE_HEAD",   "MERGE_MSG",        "MERGE_MODE",          "MERGE_RR",     "AUTO_MERGE",
        "SQUASH_MSG",   "CHERRY_PICK_HEAD", "REVERT_HEAD",         "REBASE_HEAD",  "rebase-merge",
        "rebase-apply", "sequencer",        "BISECT_LOG",          "BISECT_START", "BISECT_TERMS",
        "BISECT_NAMES", "BISECT_RUN",       "BISECT_EXPECTED_REV",
    };

    for (size_t i = 0; i < COUNT_OF(states); i++) {
        AUTO_FREE char *path = os_path(clone->git_dir, states[i]);
        int r = os_remove_tree(path, f);
        if (r < 0)
            return r;
    }
    return 0;
}

/* What `commit` has and the old tip has not, in a pack beside the clone. */
static int keep_objects(const struct clone *clone, const char *commit, struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_FREE char *pack = os_path(clone->side, "objects/pack/pack");
    AUTO_TEXT input = {0};

    if (strcmp(commit, clone->tip) == 0)
        return 0;
    text_printf(&input, "%s\n^%s\n", commit, clone->tip);
    return git_feed(&g, GIT_ARGS("pack-objects", "-q", "--revs", "--non-empty", pack), &input, NULL,
                    f);
}

/* True if the file has this line and nothing else. */
static bool file_says(const struct clone *clone, const char *name, const char *line)
{
    AUTO_TEXT text = {0};
    AUTO_FAULT unread = {0};

    return file_get_in(clone->git_dir, name, &text, &unread) == 0 && text.length == strlen(line) &&
           strcmp(text_get(&text), line) == 0;
}

/* Most agents leave both as they were, which two small files tell without git. */
static int set_branch(const struct clone *clone, const char *commit, struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_FREE char *ref = text_format("refs/heads/%s", clone->branch);
    AUTO_FREE char *ref_line = text_format("%s\n", commit);
    AUTO_FREE char *head_line = text_format("ref: %s\n", ref);
    int r = 0;

    if (!file_says(clone, ref, ref_line))
        r = git_run(&g, GIT_ARGS("update-ref", "-m", "kelp", ref, commit), NULL, f);
    if (r == 0 && !file_says(clone, "HEAD", head_line))
        r = git_run(&g, GIT_ARGS("symbolic-ref", "HEAD", ref), NULL, f);
    return r;
}

int clone_set_tip(struct clone *clone, const char *commit, struct fault *f)
{
    struct git g = clone_git(clone);
    AUTO_FREE char *agents_index = os_path(clone->git_dir, "index");

    int r = keep_objects(clone, commit, f);
    if (r < 0)
        return r;
    if (clone->branch)
        r = set_branch(clone, commit, f);
    else
        r = git_run(&g, GIT_ARGS("update-ref", "-m", "kelp", "--no-deref", "HEAD", commit), NULL,
                    f);
    if (r == 0)
        r = file_copy(clone->index, agents_index, f);
    if (r < 0)
        return r;
    free(clone->tip);
    clone->tip = mem_string(commit);
    return clone_save(clone, f);
}
