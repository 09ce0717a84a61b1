/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a run's clones: those in `folder` that are not in `keep` go, one after the other. One
 * that can't go stays, and is named with the reason; nothing is lost either way.
 */
#include "git/worker_priv.h"

#include "base/os.h"
#include "git/discard.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

struct sweep {
    struct discard_spec spec;
    struct paths keep;
    json_t *removed, *kept, *bundles;
};

static void discard_one(struct sweep *s, const char *path)
{
    struct discard_result result = {0};
    AUTO_FAULT f = {0};

    s->spec.path = path;
    if (clone_discard(&s->spec, &result, &f) < 0) {
        AUTO_FREE char *why = fault_text(&f);
        json_array_append_new(s->kept, json_pack("{s:o, s:o}", "path", json_text_or_null(path),
                                                 "why", json_text_or_null(why)));
    } else if (result.removed) {
        json_array_append_new(s->removed, json_text_or_null(path));
    }
    if (result.bundle)
        json_array_append_new(s->bundles, json_text_or_null(result.bundle));
    free(result.bundle);
}

static bool is_kept(const struct sweep *s, const char *path)
{
    for (size_t i = 0; i < s->keep.count; i++)
        if (strcmp(s->keep.at[i], path) == 0)
            return true;
    return false;
}

/* What stands beside a clone (clone.h) goes with it. */
static bool belongs_to_clone(const char *path)
{
    static const char ending[] = ".kelp";
    AUTO_FREE char *clone = mem_string(path);

    if (!text_ends(path, ending))
        return false;
    clone[strlen(path) - strlen(ending)] = '\0';
    return os_exists(clone);
}

static int sweep_folder(struct sweep *s, const char *folder, struct fault *f)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    if (!dir && errno == ENOENT)
        return 0;
    if (!dir)
        return fault_system(f, errno, "cannot list '%s'", folder);
    while ((entry = readdir(dir)) != NULL) {
        AUTO_FREE char *path = text_format("%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && !belongs_to_clone(path) && !is_kept(s, path))
            discard_one(s, path);
    }
    (void)closedir(dir);
    return 0;
}

int worker_discard_all(const json_t *in, json_t **ret, struct fault *f)
{
    struct sweep s = {.removed = json_array(), .kept = json_array(), .bundles = json_array()};
    const char *folder;

    int r = want_path(in, "repo", &s.spec.repo, f);
    if (r == 0)
        r = want_path(in, "folder", &folder, f);
    if (r == 0)
        r = want_path(in, "bundle_dir", &s.spec.bundle_dir, f);
    if (r == 0)
        r = want_list(in, "keep", &s.keep, f);
    if (r == 0)
        r = sweep_folder(&s, folder, f);
    *ret = json_pack("{s:o, s:o, s:o}", "removed", s.removed, "kept", s.kept, "bundles", s.bundles);
    paths_free(&s.keep);
    return r;
}
