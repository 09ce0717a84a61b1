/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running git. Every call names how far the repository it runs in is trusted; that decides the
 * environment and the configuration that git sees:
 *
 *   GIT_PLAIN  the user's repository, as the user would run it: hooks, filters, locale, but no
 *              automatic gc. For what lands and what is pushed.
 *   GIT_QUIET  the user's repository, for kelp's own plumbing: the configuration as it is, but no
 *              hook, no file system monitor, no automatic gc, the C locale, no optional lock.
 *   GIT_OWN    a clone that kelp made: no configuration of the user or the machine, no hook, no
 *              filter, no signing. The clone's own configuration is written anew before
 *              (clone.h), so nothing that an agent planted there runs.
 *
 * Repository variables (GIT_DIR and its like) of the caller's environment are never passed on,
 * and no call ever asks on the terminal.
 */
#ifndef KELP_GIT_GIT_H
#define KELP_GIT_GIT_H

#include "base/fault.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum git_trust { GIT_QUIET, GIT_PLAIN, GIT_OWN };

enum { GIT_OID_MAX = 64, GIT_LIMIT_MS = 10 * 60 * 1000 };

/* Who commits. Plain data; end with identity_free. */
struct identity {
    char *name;
    char *email;
    bool fallback; /* nobody is configured: "kelp <kelp@localhost>" */
};

/* Where a call runs. Plain data, nothing owned; right when zeroed but for `cwd` or `git_dir`. */
struct git {
    enum git_trust trust;
    const char *cwd;            /* NULL: `work_tree`, else `git_dir` */
    const char *git_dir;        /* NULL: git finds it from cwd */
    const char *work_tree;      /* NULL: git's own answer */
    const char *index;          /* NULL: git's own index */
    const struct identity *who; /* NULL: git's own answer */
    const char *reflog;         /* what the reflog says was done; NULL: git's own words */
    int64_t limit_ms;           /* 0: GIT_LIMIT_MS */
};

/* The words of a call, for the `args` below. */
#define GIT_ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* One call in full. Right when zeroed but for args. */
struct git_call {
    const char *const *args;
    const struct text *input; /* NULL: nothing */
    struct text *out;         /* appended to; NULL: dropped */
    struct text *err;         /* likewise */
};

/* Runs it and returns git's exit status; a fault only when git did not run to its end, was
 * stopped by the time limit, or said more than fits. */
int git_exit(const struct git *g, const struct git_call *call, struct fault *f) MUST_CHECK;
/* As above, and a status other than 0 is FAULT_GIT with git's own words. */
int git_call(const struct git *g, const struct git_call *call, struct fault *f) MUST_CHECK;
/* Of what git said on standard error the line that tells why: the first "fatal:" or "error:", with
 * the first names that it lists below, else the last line. The caller frees. */
char *git_reason(const struct text *err);
/* git_call with output only; `out` may be NULL. */
int git_run(const struct git *g, const char *const *args, struct text *out,
            struct fault *f) MUST_CHECK;
/* git_call with input and output. */
int git_feed(const struct git *g, const char *const *args, const struct text *input,
             struct text *out, struct fault *f) MUST_CHECK;
/* The output without its last newline; the caller frees. */
int git_word(const struct git *g, const char *const *args, char **ret, struct fault *f) MUST_CHECK;

/* The commit that `name` means, as a full object name; the caller frees. FAULT_NOT_FOUND when it
 * means none. */
int git_commit_of(const struct git *g, const char *name, char **ret, struct fault *f) MUST_CHECK;
/* git_commit_of that gives NULL where there is no such commit. */
int git_commit_or_null(const struct git *g, const char *name, char **ret,
                       struct fault *f) MUST_CHECK;
/* The branch that HEAD is on, or NULL where it is on none; the caller frees. The name is without
 * "refs/heads/", also where a tag of the same name makes git's own short form another. */
int git_head_branch(const struct git *g, char **ret, struct fault *f) MUST_CHECK;
/* The tree of a commit; the caller frees. */
int git_tree_of(const struct git *g, const char *commit, char **ret, struct fault *f) MUST_CHECK;
/* 1 when `a` is `b` or one of its ancestors, 0 when it is not. */
int git_is_ancestor(const struct git *g, const char *a, const char *b, struct fault *f) MUST_CHECK;
/* A value of the configuration that `args` (after "config") name, or NULL; the caller frees. */
int git_config_value(const struct git *g, const char *const *args, char **ret,
                     struct fault *f) MUST_CHECK;

/* The user's identity as their repository configures it, or the fallback. */
int identity_read(const struct git *user, struct identity *ret, struct fault *f) MUST_CHECK;
void identity_free(struct identity *who);
#define AUTO_IDENTITY __attribute__((cleanup(identity_free))) struct identity

/* A full lower-case object name (SHA-1 or SHA-256)? What comes from outside is checked before it
 * becomes a word of a command line. */
bool git_is_oid(const char *s);

#endif
