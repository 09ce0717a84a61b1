/* SPDX-License-Identifier: Apache-2.0 */
#include "git/earlier.h"

#include <string.h>

/* A commit that nothing but the branch reaches, or "". */
static int find_alone(const struct git *user, const struct branch_move *move, char **ret,
                      struct fault *f)
{
    AUTO_FREE char *without = text_format("--exclude=%s", move->ref);
    const char *const all[] = {"rev-list", "--max-count=1", move->old, "--not",
                               move->to,   without,         "--all",   NULL};
    const char *const some[] = {"rev-list",
                                "--max-count=1",
                                "--fixed-strings",
                                "--grep=Kelp-Command: ",
                                "--invert-grep",
                                move->old,
                                "--not",
                                move->to,
                                without,
                                "--all",
                                NULL};

    return git_word(user, move->not_merges ? some : all, ret, f);
}

int earlier_keep(const struct git *user, const struct branch_move *move, struct fault *f)
{
    static const char own[] = "refs/heads/kelp/";
    const char *name =
        text_starts(move->ref, own) ? move->ref + strlen(own) : strrchr(move->ref, '/') + 1;
    AUTO_FREE char *alone = NULL;

    if (!move->old || strcmp(move->old, move->to) == 0)
        return 0;
    int r = find_alone(user, move, &alone, f);
    if (r < 0 || !alone[0])
        return r;
    AUTO_FREE char *ref = text_format("refs/kelp/earlier/%s/%s", name, move->old);
    return git_run(user, GIT_ARGS("update-ref", ref, move->old), NULL, f);
}
