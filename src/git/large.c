/* SPDX-License-Identifier: Apache-2.0 */
#include "git/large.h"

#include "base/os.h"
#include "git/git.h"
#include "git/paths.h"

#include <sys/stat.h>

int large_files_find(const char *top, int64_t above_bytes, struct large_files *ret, struct fault *f)
{
    struct git user = {.cwd = top};
    AUTO_PATHS paths = {0};
    AUTO_TEXT out = {0};
    int64_t most = 0;

    *ret = (struct large_files){0};
    int r = git_run(&user, GIT_ARGS("ls-files", "-o", "-z", "--exclude-standard"), &out, f);
    if (r < 0)
        return r;
    paths_add_nul(&paths, &out);
    for (size_t i = 0; i < paths.count; i++) {
        AUTO_FREE char *path = os_path(top, paths.at[i]);
        struct stat st;
        if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= above_bytes)
            continue;
        ret->count++;
        ret->bytes += st.st_size;
        if (st.st_size > most) {
            most = st.st_size;
            free(ret->largest);
            ret->largest = mem_string(paths.at[i]);
        }
    }
    return 0;
}

void large_files_free(struct large_files *files)
{
    free(files->largest);
    *files = (struct large_files){0};
}
