/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repositories inside a clone: submodules that were checked out, below .git/modules, and what an
 * agent made or cloned in the working tree. What is ignored is not looked at, as with files.
 *
 * They are the agent's from end to end, configuration and all, so that git never runs in them:
 * their refs are read as files, and their objects are borrowed by a repository of kelp's own.
 */
#ifndef KELP_GIT_INSIDE_H
#define KELP_GIT_INSIDE_H

#include "base/vector.h"
#include "git/clone.h"

/* Owned. */
struct inside {
    char *name; /* of a submodule, below .git/modules; else the path in the clone */
    char *git_dir;
    char *work_tree; /* of a submodule; NULL: the clone itself has the files, or there are none */
};

typedef VECTOR(struct inside) inside_list;

/* After the working tree was staged, and with no agent in it. */
int inside_find(const struct clone *clone, inside_list *ret, struct fault *f) MUST_CHECK;
void inside_list_free(inside_list *list);

/* Full names of commits, sorted. */
struct inside_refs {
    char *head; /* owned; NULL: it has no commit */
    struct paths all;
    struct paths remote; /* of these what branches of remotes were at */
};

/* FAULT_ENVIRONMENT: its refs are no files. *ret is to be freed, also after a fault. */
int inside_refs_read(const struct inside *inside, struct inside_refs *ret,
                     struct fault *f) MUST_CHECK;
void inside_refs_free(struct inside_refs *refs);

/* Writes what only this one has to FOLDER/CLONE+NAME.bundle (bundle.h), if there is something:
 * commits that neither the user's repository of the same submodule nor a remote has, and what is
 * not committed in a submodule. */
int inside_keep(const struct clone *clone, const struct inside *inside, const char *folder,
                struct fault *f) MUST_CHECK;

#endif
