/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private clone: a working tree with a .git of its own, that borrows objects from the user's
 * repository and shares nothing else with it.
 *
 * An agent may do anything below the clone's path, its .git included. So what kelp knows of a
 * clone lies beside it, in the folder `<path>.kelp`, where the agent can't write:
 *
 *   clone.json   who the clone is for, its branch and tip, where its objects come from
 *   index        kelp's own index of the tip, with fresh file times
 *   exclude      what git is to ignore in it, `brought` included
 *   brought      paths that .worktreeinclude brought along, NUL-ended
 *   packed-refs  the refs that it started with
 *   shallow      where its history ends, if the user's repository is shallow
 *   objects/     a copy of every commit that kelp has put on its branch; the clone borrows from it,
 *                so an agent that removes .git loses nothing that was settled
 *
 * clone.json is written last when a clone is made, so a clone without it is half made. Before
 * kelp runs git in a clone it calls clone_secure, which writes the clone's configuration anew
 * from there. The agent's index is never read as kelp's.
 */
#ifndef KELP_GIT_CLONE_H
#define KELP_GIT_CLONE_H

#include "base/fault.h"
#include "git/git.h"
#include "git/paths.h"

#include <stdbool.h>

/* Plain data, everything owned; end with clone_free. */
struct clone {
    char *path;           /* the working tree, absolute */
    char *git_dir;        /* <path>/.git */
    char *side;           /* <path>.kelp */
    char *index;          /* <path>.kelp/index */
    char *repo;           /* the user's repository that it was made from */
    char *run;            /* "ORG_4729" */
    char *branch;         /* short name, or NULL: HEAD is detached at the tip */
    char *tip;            /* the commit that kelp last saw or put there */
    struct paths objects; /* object folders that it borrows from */
    struct identity who;
    bool raw; /* contents are stored as they are: no line-end conversion */
    bool sha256;
};

/* Writes folders and control files of a new clone and all of its side folder but clone.json.
 * `path` must not exist. The strings of `clone` but git_dir, side and index are given. */
int clone_make(struct clone *clone, struct fault *f) MUST_CHECK;
/* Fills the names that follow from `path`, which is copied. */
void clone_name(struct clone *clone, const char *path);
/* Reads clone.json; FAULT_NOT_FOUND when there is no complete clone at `path`. */
int clone_open(const char *path, struct clone *ret, struct fault *f) MUST_CHECK;
/* Writes clone.json: the clone is complete, with this branch and tip. */
int clone_save(const struct clone *clone, struct fault *f) MUST_CHECK;
/* Is a complete clone at `path`? */
bool clone_is_complete(const char *path);
/* Does `path` lie in a complete clone, or is it one? */
bool clone_holds(const char *path);
/* Removes the clone and its side folder. */
int clone_remove(const char *path, struct fault *f) MUST_CHECK;
void clone_free(struct clone *clone);
#define AUTO_CLONE __attribute__((cleanup(clone_free))) struct clone

/* Puts the control files of .git as kelp wants them; makes a .git that is gone or broken anew,
 * with the branch at the tip. Lock files are removed: call it only when no agent runs. */
int clone_secure(const struct clone *clone, struct fault *f) MUST_CHECK;
/* Removes what an unfinished merge, rebase or the like left in .git. */
int clone_forget_state(const struct clone *clone, struct fault *f) MUST_CHECK;
/* Puts HEAD on the branch, and the branch and kelp's record at `commit`; the agent's index becomes
 * a copy of kelp's. The working tree is the caller's matter. */
int clone_set_tip(struct clone *clone, const char *commit, struct fault *f) MUST_CHECK;
/* clone_open and clone_secure. */
int clone_enter(const char *path, struct clone *ret, struct fault *f) MUST_CHECK;
/* How to run git in it, with kelp's index. Borrows from `clone`. */
struct git clone_git(const struct clone *clone);

/* Where the objects of a repository lie; the caller frees. */
int objects_of(const struct git *g, char **ret, struct fault *f) MUST_CHECK;
/* For the clone of a repository: its refs as the clone shows them (branches as
 * refs/remotes/origin/, tags), its ignore rules, its shallow file. */
int clone_gather(struct clone *clone, const struct git *user, struct fault *f) MUST_CHECK;

#endif
