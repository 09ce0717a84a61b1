/* SPDX-License-Identifier: Apache-2.0 */
#include "git/clone.h"

#include "base/json.h"
#include "base/os.h"
#include "git/clone_priv.h"
#include "git/files.h"

#include <string.h>

enum { CLONE_JSON_MAX = 1 << 20 };

void clone_name(struct clone *clone, const char *path)
{
    clone->path = mem_string(path);
    clone->git_dir = os_path(path, ".git");
    clone->side = text_format("%s.kelp", path);
    clone->index = os_path(clone->side, "index");
}

static char *json_path(const char *path)
{
    return text_format("%s.kelp/clone.json", path);
}

bool clone_is_complete(const char *path)
{
    AUTO_FREE char *json = json_path(path);
    AUTO_FAULT unknown = {0};
    struct stat st;

    /* What can't be looked at may be complete: nothing is to be made or thrown away in its place.
     */
    int there = os_look(path, &st, &unknown);
    return os_exists(json) && (there < 0 || (there > 0 && S_ISDIR(st.st_mode)));
}

bool clone_holds(const char *path)
{
    AUTO_FREE char *part = mem_string(path);

    while (*part) {
        AUTO_FREE char *json = json_path(part);
        if (os_exists(json))
            return true;
        char *slash = strrchr(part, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return false;
}

int clone_remove(const char *path, struct fault *f)
{
    AUTO_FREE char *json = json_path(path);
    AUTO_FREE char *side = text_format("%s.kelp", path);

    /* First the mark of a complete clone, so that half a removal is never taken for a clone. */
    int r = os_remove_tree(json, f);
    if (r == 0)
        r = os_remove_tree(path, f);
    return r < 0 ? r : os_remove_tree(side, f);
}

void clone_free(struct clone *clone)
{
    free(clone->path);
    free(clone->git_dir);
    free(clone->side);
    free(clone->index);
    free(clone->repo);
    free(clone->run);
    free(clone->branch);
    free(clone->tip);
    paths_free(&clone->objects);
    identity_free(&clone->who);
    *clone = (struct clone){0};
}

int clone_save(const struct clone *clone, struct fault *f)
{
    AUTO_FREE char *path = json_path(clone->path);
    json_auto_t *objects = json_array();

    for (size_t i = 0; i < clone->objects.count; i++)
        json_array_append_new(objects, json_string(clone->objects.at[i]));
    json_auto_t *value = json_pack("{s:i, s:s, s:s, s:s?, s:s, s:O, s:s, s:s, s:b, s:b, s:b}",
                                   "version", 1, "repo", clone->repo, "run", clone->run, "branch",
                                   clone->branch, "tip", clone->tip, "objects", objects, "name",
                                   clone->who.name, "email", clone->who.email, "fallback_identity",
                                   clone->who.fallback, "raw", clone->raw, "sha256", clone->sha256);
    if (!value)
        return fault_set(f, FAULT_FORMAT, "'%s' cannot be described: a name is not UTF-8",
                         clone->path);
    AUTO_FREE char *line = json_text(value, 2);
    return file_put(path, line, strlen(line), f);
}

static int fill_clone(const json_t *value, struct clone *clone, struct fault *f)
{
    const char *repo, *run, *branch = NULL, *tip, *name, *email;
    json_t *objects, *entry;
    json_error_t error;
    int fallback, raw, sha256;
    size_t i;

    if (json_unpack_ex((json_t *)value, &error, 0,
                       "{s:s, s:s, s?s, s:s, s:o, s:s, s:s, s:b, s:b, s:b}", "repo", &repo, "run",
                       &run, "branch", &branch, "tip", &tip, "objects", &objects, "name", &name,
                       "email", &email, "fallback_identity", &fallback, "raw", &raw, "sha256",
                       &sha256) < 0)
        return fault_set(f, FAULT_CORRUPT, "the description of clone '%s' is damaged: %s",
                         clone->path, error.text);
    /* It becomes a word of git's command line. */
    if (!git_is_oid(tip))
        return fault_set(f, FAULT_CORRUPT,
                         "the description of clone '%s' is damaged: '%s' is no commit", clone->path,
                         tip);
    json_array_foreach (objects, i, entry)
        if (json_is_string(entry))
            paths_add(&clone->objects, json_string_value(entry));
    clone->repo = mem_string(repo);
    clone->run = mem_string(run);
    clone->branch = branch ? mem_string(branch) : NULL;
    clone->tip = mem_string(tip);
    clone->who = (struct identity){mem_string(name), mem_string(email), fallback};
    clone->raw = raw;
    clone->sha256 = sha256;
    return 0;
}

int clone_open(const char *path, struct clone *ret, struct fault *f)
{
    AUTO_FREE char *json = json_path(path);
    AUTO_CLONE clone = {0};
    json_auto_t *value = NULL;

    if (!clone_is_complete(path))
        return fault_set(f, FAULT_NOT_FOUND, "there is no clone at '%s'", path);
    int r = json_read_file(json, CLONE_JSON_MAX, &value, f);
    if (r < 0)
        return r;
    /* A null branch is a detached clone; json_unpack would take null for a wrong type. */
    if (json_is_null(json_object_get(value, "branch")))
        (void)json_object_del(value, "branch");
    clone_name(&clone, path);
    r = fill_clone(value, &clone, f);
    if (r < 0)
        return r;
    *ret = clone;
    clone = (struct clone){0};
    return 0;
}

int clone_enter(const char *path, struct clone *ret, struct fault *f)
{
    AUTO_CLONE clone = {0};

    int r = clone_open(path, &clone, f);
    if (r == 0)
        r = clone_secure(&clone, f);
    if (r < 0)
        return r;
    *ret = clone;
    clone = (struct clone){0};
    return 0;
}

struct git clone_git(const struct clone *clone)
{
    return (struct git){.trust = GIT_OWN,
                        .git_dir = clone->git_dir,
                        .work_tree = clone->path,
                        .index = clone->index,
                        .who = &clone->who};
}

int objects_of(const struct git *g, char **ret, struct fault *f)
{
    return git_word(g, GIT_ARGS("rev-parse", "--path-format=absolute", "--git-path", "objects"),
                    ret, f);
}

/* "<oid> <name>" lines; the user's branches are shown as those of a remote, as in any clone. */
static int gather_refs(const struct clone *clone, const struct git *user, struct fault *f)
{
    static const char heads[] = "refs/heads/", kelp[] = "refs/heads/kelp/";
    AUTO_TEXT out = {0}, packed = {0};

    int r = git_run(
        user,
        GIT_ARGS("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/", "refs/tags/"),
        &out, f);
    if (r < 0)
        return r;
    for (char *line = out.data, *end; line && *line; line = end + 1) {
        end = strchr(line, '\n');
        if (!end)
            break;
        *end = '\0';
        char *name = strchr(line, ' ') + 1;
        if (text_starts(name, kelp))
            continue;
        if (text_starts(name, heads))
            text_printf(&packed, "%.*srefs/remotes/origin/%s\n", (int)(name - line), line,
                        name + strlen(heads));
        else
            text_printf(&packed, "%s\n", line);
    }
    return file_put_in(clone->side, "packed-refs", &packed, f);
}

static int append_file(const char *path, struct text *t, struct fault *f)
{
    if (!path || !os_exists(path))
        return 0;
    int r = os_read_file(path, CLONE_JSON_MAX, t, f);
    if (r == 0 && t->length && t->data[t->length - 1] != '\n')
        text_add_char(t, '\n');
    return r;
}

/* Where git looks for the user's own ignore rules when core.excludesFile is not set. */
static char *default_excludes(void)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (config && *config)
        return os_path(config, "git/ignore");
    return home && *home ? os_path(home, ".config/git/ignore") : NULL;
}

static int gather_excludes(const struct clone *clone, const struct git *user, struct fault *f)
{
    AUTO_FREE char *global = NULL, *local = NULL;
    AUTO_TEXT text = {0};

    int r =
        git_config_value(user, GIT_ARGS("--type=path", "--get", "core.excludesFile"), &global, f);
    if (r == 0 && !global)
        global = default_excludes();
    if (r == 0)
        r = git_word(user,
                     GIT_ARGS("rev-parse", "--path-format=absolute", "--git-path", "info/exclude"),
                     &local, f);
    if (r == 0)
        r = append_file(global, &text, f);
    if (r == 0)
        r = append_file(local, &text, f);
    return r < 0 ? r : file_put_in(clone->side, "exclude", &text, f);
}

static int gather_shallow(const struct clone *clone, const struct git *user, struct fault *f)
{
    AUTO_FREE char *path = NULL;
    AUTO_TEXT text = {0};

    int r = git_word(user, GIT_ARGS("rev-parse", "--path-format=absolute", "--git-path", "shallow"),
                     &path, f);
    if (r == 0)
        r = append_file(path, &text, f);
    return r < 0 || !text.length ? r : file_put_in(clone->side, "shallow", &text, f);
}

int clone_gather(struct clone *clone, const struct git *user, struct fault *f)
{
    AUTO_FREE char *format = NULL;

    int r = dir_ensure(clone->side, f);
    if (r == 0)
        r = git_word(user, GIT_ARGS("rev-parse", "--show-object-format"), &format, f);
    if (r != 0)
        return r;
    clone->sha256 = strcmp(format, "sha256") == 0;
    r = gather_refs(clone, user, f);
    if (r == 0)
        r = gather_excludes(clone, user, f);
    return r < 0 ? r : gather_shallow(clone, user, f);
}
