/* SPDX-License-Identifier: Apache-2.0 */
#include "git/odd.h"

#include "base/os.h"
#include "base/vector.h"
#include "git/files.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool is_part(const char *part, size_t length, const char *name)
{
    return length == strlen(name) && strncasecmp(part, name, length) == 0;
}

bool odd_name(const char *path, mode_t mode)
{
    for (const char *part = path; *part;) {
        size_t n = strcspn(part, "/");
        if (is_part(part, n, ".git") || (S_ISLNK(mode) && is_part(part, n, ".gitmodules")))
            return true;
        part += n + (part[n] == '/');
    }
    return false;
}

int record_objects_parse(const struct text *list, struct record_objects *ret, struct fault *f)
{
    const char *at = text_get(list), *end = at + list->length;

    while (at < end) {
        size_t length = strnlen(at, (size_t)(end - at));
        const char *space = memchr(at, ' ', length);
        AUTO_FREE char *oid = mem_string_n(at, space ? (size_t)(space - at) : 0);
        if (!git_is_oid(oid) || space + 1 == at + length)
            return fault_set(f, FAULT_CORRUPT, "the record of a backup is damaged at '%.*s'",
                             (int)length, at);
        const char *path = space + 1;
        struct record_object object = {oid, mem_string_n(path, (size_t)(at + length - path))};
        oid = NULL;
        vector_push(ret, object);
        at += length + 1;
    }
    return 0;
}

void record_objects_free(struct record_objects *objects)
{
    for (size_t i = 0; i < objects->count; i++) {
        free(objects->at[i].oid);
        free(objects->at[i].path);
    }
    vector_free(objects);
    *objects = (struct record_objects){0};
}

static void add_change(const struct record_object *from, const struct record_object *to,
                       struct changes *ret)
{
    if (from && to && strcmp(from->oid, to->oid) == 0)
        return;
    vector_push(ret, (struct change){.path = mem_string(from ? from->path : to->path),
                                     .old_oid = from ? mem_string(from->oid) : NULL,
                                     .new_oid = to ? mem_string(to->oid) : NULL});
}

void odd_changes(const struct record_objects *from, const struct record_objects *to,
                 struct changes *ret)
{
    size_t i = 0, k = 0;

    while (i < from->count || k < to->count) {
        int order = i == from->count ? 1
                    : k == to->count ? -1
                                     : strcmp(from->at[i].path, to->at[k].path);
        add_change(order <= 0 ? &from->at[i] : NULL, order >= 0 ? &to->at[k] : NULL, ret);
        i += order <= 0;
        k += order >= 0;
    }
}

int odd_write(const struct git *g, const char *top, const struct change *change, mode_t mode,
              struct fault *f)
{
    AUTO_FREE char *path = os_path(top, change->path);
    AUTO_TEXT content = {0};

    int r = git_run(g, GIT_ARGS("cat-file", "blob", change->new_oid), &content, f);
    if (r == 0)
        r = dir_make_above(path, f);
    if (r < 0 || !S_ISLNK(mode))
        return r < 0 ? r : file_put(path, text_get(&content), content.length, f);
    r = os_remove_tree(path, f);
    if (r == 0 && symlink(text_get(&content), path) < 0)
        r = fault_system(f, errno, "cannot make link '%s'", path);
    return r;
}
