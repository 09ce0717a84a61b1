/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of repository a folder lies in, and what state it is in. Reads only. */
#ifndef KELP_GIT_INSPECT_H
#define KELP_GIT_INSPECT_H

#include "base/fault.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* An operation of the user's that is not finished. */
#define REPO_STATES(X)            \
    X(CLEAN, "clean")             \
    X(MERGE, "merge")             \
    X(REBASE, "rebase")           \
    X(CHERRY_PICK, "cherry-pick") \
    X(REVERT, "revert")           \
    X(BISECT, "bisect")           \
    X(AM, "am")

enum repo_state {
#define REPO_STATE_ENUM(name, word) REPO_##name,
    REPO_STATES(REPO_STATE_ENUM)
#undef REPO_STATE_ENUM
};

/* Plain data, strings owned; end with repo_info_free. */
struct repo_info {
    char *top;         /* the root of the working tree; NULL when bare */
    char *git_dir;     /* absolute */
    char *head;        /* the commit, or NULL on an unborn branch */
    char *branch;      /* short name of the branch that HEAD is on, or NULL when detached */
    char *upstream;    /* short name of its upstream ("origin/main"), or NULL */
    char *remote;      /* the remote that the branch is pushed to, or NULL */
    char *git_version; /* "2.39.5" */
    int64_t ahead;     /* commits of the branch that its upstream lacks; 0 without one */
    int64_t tracked_files;
    enum repo_state state;
    bool bare, shallow, sparse, unborn;
    bool dirty;        /* anything modified, staged or untracked */
    bool inside_clone; /* this is one of kelp's own clones */
};

/* FAULT_ENVIRONMENT when `path` is in no repository that git can use, or git can't be run. */
int repo_inspect(const char *path, struct repo_info *ret, struct fault *f) MUST_CHECK;
/* FAULT_ENVIRONMENT when a ref of the repository leads nowhere: git would bring no work home. */
int repo_check_refs(const char *top, struct fault *f) MUST_CHECK;
void repo_info_free(struct repo_info *info);
#define AUTO_REPO_INFO __attribute__((cleanup(repo_info_free))) struct repo_info

/* What `git status --porcelain=v2 --branch -z` says: `upstream`, `ahead` and `dirty`. */
void repo_status_read(const struct text *out, struct repo_info *info);

const char *repo_state_name(enum repo_state state);
/* From the files that git leaves in `git_dir` while something is under way. */
enum repo_state repo_state_of(const char *git_dir);

#endif
