/* SPDX-License-Identifier: Apache-2.0 */
/* How two trees differ, by object. */
#ifndef KELP_GIT_CHANGES_H
#define KELP_GIT_CHANGES_H

#include "base/fault.h"
#include "git/git.h"

#include <stddef.h>

struct change {
    char *path;
    char *old_oid, *new_oid;     /* NULL: not there */
    unsigned old_mode, new_mode; /* 0: not there */
};

/* Owned; end with changes_free. */
struct changes {
    struct change *at; /* sorted by path */
    size_t count, capacity;
};

/* `from` and `to` are commits or trees; `from` NULL is the empty tree. */
int changes_read(const struct git *g, const char *from, const char *to, struct changes *ret,
                 struct fault *f) MUST_CHECK;
/* Appends what `git diff-tree --raw -z --no-abbrev` said. */
void changes_parse(const struct text *out, struct changes *ret);
void changes_free(struct changes *changes);
#define AUTO_CHANGES __attribute__((cleanup(changes_free))) struct changes

#endif
