/* SPDX-License-Identifier: Apache-2.0 */
#include "git/ref_lock.h"

#include "base/os.h"
#include "base/text.h"

#include <errno.h>
#include <unistd.h>

int ref_lock_drop(const struct git *user, const char *ref, struct fault *f)
{
    AUTO_FREE char *name = text_format("%s.lock", ref);
    AUTO_FREE char *said = NULL;

    if (!text_starts(ref, "refs/heads/kelp/") && !text_starts(ref, "refs/kelp/"))
        return 0;
    int r = git_word(user, GIT_ARGS("rev-parse", "--git-path", name), &said, f);
    if (r < 0)
        return r;
    AUTO_FREE char *lock = said[0] == '/' ? mem_string(said) : os_path(user->cwd, said);
    if (unlink(lock) == 0)
        return 1;
    return errno == ENOENT ? 0 : fault_system(f, errno, "cannot remove '%s'", lock);
}
