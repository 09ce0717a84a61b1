/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of src/git share: a temporary place with a home of its own and a repository
 * "repo" (branch main, one remote "origin" that is the bare "remote"), shell commands in it, and
 * the operations of the worker.
 *
 * A failed command or an unexpected answer ends the test.
 */
#ifndef KELP_TEST_PLACE_H
#define KELP_TEST_PLACE_H

#include "base/json.h"
#include "base/os.h"
#include "base/text.h"

#include <criterion/criterion.h>

struct place {
    char *root; /* everything is below; removed by place_end */
    char *repo;
    char *clones; /* where copies go */
    char *base;   /* the commit that place_begin has made, once place_commit was called */
};

/* An empty repository; HOME and git's configuration are the place's own from here on. */
struct place place_begin(void);
/* Six small files, committed and pushed; fills `base`. */
void place_commit(struct place *p);
void place_end(struct place *p);

/* Runs a command by /bin/sh in `dir`; the second gives its output without the last newline. */
void sh(const char *dir, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *sh_out(const char *dir, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Its exit status, whatever it is. */
int sh_status(const char *dir, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Carries out an operation whose specification is packed as json_pack does; it has to succeed.
 * New reference. */
json_t *op(const char *name, const char *format, ...);
/* It has to fail with this code. The message is the caller's to free. */
char *op_fault(const char *name, enum fault_code code, const char *format, ...);

/* The usual specifications. */
json_t *do_copy(const struct place *p, const char *name);
json_t *do_settle(const struct place *p, const char *name);
char *clone_path(const struct place *p, const char *name);
/* settle, then fetch as refs/heads/kelp/<name>; the commit, the caller's to free. */
char *settle_and_fetch(const struct place *p, const char *name);

/* Every file and folder below `dir` but .git: mode, path, content's checksum or link's target;
 * sorted, one a line (names as they are). The caller frees. */
char *listing(const char *dir);

bool json_has(const json_t *list, const char *string);
const char *str(const json_t *object, const char *key);
#define expect_word(actual, wanted)                                         \
    do {                                                                    \
        AUTO_FREE char *word_ = (actual);                                   \
        cr_expect_str_eq(word_, wanted, "'%s' is not '%s'", word_, wanted); \
    } while (0)

#endif
