/* SPDX-License-Identifier: Apache-2.0 */
#include "git/fetch.h"

#include "git/clone.h"
#include "git/earlier.h"
#include "git/git.h"
#include "git/ref_lock.h"

#include <string.h>

static int bring(const struct git *user, const struct clone *clone, const char *what,
                 struct fault *f)
{
    return git_run(user,
                   GIT_ARGS("-c", "protocol.file.allow=always", "-c", "fetch.fsckObjects=true",
                            "-c", "safe.directory=*", "fetch", "-q", "--no-tags", "--no-prune",
                            "--no-write-fetch-head", "--no-recurse-submodules",
                            "--no-auto-maintenance", clone->git_dir, what),
                   NULL, f);
}

/* What held it up may be the lock of a fetch that was killed. */
static int bring_to(const struct git *user, const struct clone *clone, const char *what,
                    const char *ref, struct fault *f)
{
    AUTO_FAULT first = {0}, ignored = {0};

    int r = bring(user, clone, what, &first);
    if (r < 0 && ref_lock_drop(user, ref, &ignored) == 1)
        return bring(user, clone, what, f);
    return r < 0 ? fault_move(f, &first) : 0;
}

/* The objects come first, so that git can tell what the branch loses. */
static int keep_earlier(const struct git *user, const struct clone *clone,
                        const struct branch_move *move, struct fault *f)
{
    int r = move->old ? bring(user, clone, move->to, f) : 0;

    return r < 0 ? r : earlier_keep(user, move, f);
}

int fetch_commit(const char *repo, const char *path, const char *commit, const char *ref,
                 struct fault *f)
{
    struct git user = {.cwd = repo, .reflog = "kelp fetch"};
    AUTO_CLONE clone = {0};
    AUTO_FREE char *have = NULL, *what = text_format("+%s:%s", commit, ref);

    if (!git_is_oid(commit) || !text_starts(ref, "refs/"))
        return fault_set(f, FAULT_USAGE, "cannot fetch '%s' as '%s'", commit, ref);
    int r = git_commit_or_null(&user, ref, &have, f);
    if (r < 0)
        return r;
    if (have && strcmp(have, commit) == 0)
        return 0;
    const struct branch_move move = {.ref = ref, .old = have, .to = commit};
    r = clone_enter(path, &clone, f);
    if (r == 0)
        r = keep_earlier(&user, &clone, &move, f);
    return r < 0 ? r : bring_to(&user, &clone, what, ref, f);
}
