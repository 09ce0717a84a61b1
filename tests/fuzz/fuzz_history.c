/* SPDX-License-Identifier: Apache-2.0 */
/* The file of what agents took in earlier runs: it is refused, or gives times that can be added. */
#include "plan/history_file.h"

#include "base/os.h"

#include <math.h>
#include <unistd.h>

static char *root_folder(void)
{
    char *root = text_format("/dev/shm/fuzz-history-%d", (int)getpid());
    AUTO_FREE char *below = os_path(root, ".kelp");
    AUTO_FAULT f = {0};

    if (os_make_dirs(below, 0700, &f) < 0)
        bug("%s", f.message);
    return root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *root = root_folder();
    AUTO_FREE char *path = os_path(root, ".kelp/history.json");
    AUTO_ARENA arena = {0};
    AUTO_FAULT f = {0}, gone = {0};
    struct history history = {0};

    if (os_write_file(path, (const char *)data, size, 0600, &f) < 0)
        bug("%s", f.message);
    if (history_file_read(root, &arena, &history, &f) == 0)
        for (size_t i = 0; i < history.count; i++)
            if (!isfinite(history.at[i].minutes) || history.at[i].minutes < 0)
                bug("%f minutes", history.at[i].minutes);
    return os_remove_tree(root, &gone) < 0;
}
