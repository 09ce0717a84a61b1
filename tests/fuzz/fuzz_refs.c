/* SPDX-License-Identifier: Apache-2.0 */
/* The refs of a repository that an agent made, four files divided by a line of its own "--": HEAD,
 * a branch, packed-refs and a reflog. Whatever they hold, what is read are names of objects,
 * sorted. */
#include "git/inside.h"

#include "base/os.h"

#include <string.h>
#include <unistd.h>

static const char *const files[] = {"HEAD", "refs/heads/main", "packed-refs",
                                    "logs/refs/heads/main"};

static void must(int r, const struct fault *f)
{
    if (r < 0)
        bug("%s", f->message);
}

static char *make_git_dir(void)
{
    char *dir = text_format("/dev/shm/fuzz-refs-%d", (int)getpid());
    AUTO_FREE char *heads = os_path(dir, "refs/heads");
    AUTO_FREE char *logs = os_path(dir, "logs/refs/heads");
    AUTO_FAULT f = {0};

    must(os_make_dirs(heads, 0700, &f), &f);
    must(os_make_dirs(logs, 0700, &f), &f);
    return dir;
}

static void write_files(const char *dir, const char *data, size_t size)
{
    static const char divider[] = "\n--\n";
    const size_t width = sizeof divider - 1;
    AUTO_FAULT f = {0};

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO_FREE char *path = os_path(dir, files[i]);
        const char *end = i + 1 < COUNT_OF(files) ? memmem(data, size, divider, width) : NULL;
        size_t length = end ? (size_t)(end - data) : size;
        size_t used = end ? length + width : length;
        must(os_write_file(path, data, length, 0600, &f), &f);
        data += used;
        size -= used;
    }
}

static void check_list(const struct paths *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!git_is_oid(list->at[i]))
            bug("'%s' is the name of no object", list->at[i]);
        if (i && strcmp(list->at[i - 1], list->at[i]) > 0)
            bug("not sorted");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *dir = make_git_dir();
    const struct inside inside = {.git_dir = dir};
    struct inside_refs refs = {0};
    AUTO_FAULT f = {0}, gone = {0};

    write_files(dir, (const char *)data, size);
    if (inside_refs_read(&inside, &refs, &f) == 0) {
        check_list(&refs.all);
        check_list(&refs.remote);
        if (refs.head && !paths_has(&refs.all, refs.head))
            bug("what is checked out is not among all");
    } else if (!f.message) {
        bug("refused without a word");
    }
    inside_refs_free(&refs);
    must(os_remove_tree(dir, &gone), &gone);
    return 0;
}
