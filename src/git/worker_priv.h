/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the worker*.c files only: reading specifications, writing answers, the operations. */
#ifndef KELP_GIT_WORKER_PRIV_H
#define KELP_GIT_WORKER_PRIV_H

#include "base/json.h"
#include "git/diffstat.h"
#include "git/paths.h"

typedef int worker_op(const json_t *in, json_t **ret, struct fault *f);

/* Strings are borrowed from `in`. A missing or mistyped value is FAULT_USAGE that names the key. */
int want_string(const json_t *in, const char *key, const char **ret, struct fault *f) MUST_CHECK;
/* A path: absolute. */
int want_path(const json_t *in, const char *key, const char **ret, struct fault *f) MUST_CHECK;
/* An object name, full. */
int want_oid(const json_t *in, const char *key, const char **ret, struct fault *f) MUST_CHECK;
/* A list of strings, copied; a missing one or null is empty. */
int want_list(const json_t *in, const char *key, struct paths *ret, struct fault *f) MUST_CHECK;
/* One of `words`; its place. A missing value is the first. */
int want_word(const json_t *in, const char *key, const char *const *words, size_t count,
              struct fault *f) MUST_CHECK;

json_t *paths_json(const struct paths *list);
json_t *diff_json(const struct diffstat *d);
json_t *diff_paths_json(const struct diffstat *d);

worker_op worker_inspect, worker_backup, worker_restore, worker_snapshot, worker_copy,
    worker_settle, worker_reset, worker_measure, worker_fetch, worker_consolidate, worker_merge,
    worker_land, worker_push, worker_discard, worker_discard_all, worker_diffstat;

#endif
