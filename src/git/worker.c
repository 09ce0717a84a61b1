/* SPDX-License-Identifier: Apache-2.0 */
#include "git/worker.h"

#include "git/git.h"
#include "git/worker_priv.h"

#include <string.h>

static const struct {
    const char *name;
    worker_op *run;
} ops[] = {
    {"inspect", worker_inspect},
    {"backup", worker_backup},
    {"restore", worker_restore},
    {"snapshot", worker_snapshot},
    {"copy", worker_copy},
    {"settle", worker_settle},
    {"reset", worker_reset},
    {"measure", worker_measure},
    {"fetch", worker_fetch},
    {"consolidate", worker_consolidate},
    {"merge", worker_merge},
    {"land", worker_land},
    {"push", worker_push},
    {"discard", worker_discard},
    {"discard_all", worker_discard_all},
    {"diffstat", worker_diffstat},
};

int worker_run(const char *op, const json_t *spec, json_t **ret, struct fault *f)
{
    for (size_t i = 0; i < COUNT_OF(ops); i++)
        if (strcmp(ops[i].name, op) == 0)
            return ops[i].run(spec, ret, f);
    return fault_set(f, FAULT_USAGE, "there is no operation '%s'", op);
}

json_t *worker_fault(const struct fault *f)
{
    return json_pack("{s:{s:s, s:i, s:o, s:o}}", "fault", "code", fault_code_name(f->code), "errno",
                     f->sys_errno, "message", json_text_or_null(f->message), "hint",
                     json_text_or_null(f->hint));
}

static int wrong(const char *key, const char *what, struct fault *f)
{
    return fault_set(f, FAULT_USAGE, "the key '%s' must be %s", key, what);
}

int want_string(const json_t *in, const char *key, const char **ret, struct fault *f)
{
    const char *s = json_get_string(in, key, NULL);

    if (!s || !*s)
        return wrong(key, "a string", f);
    *ret = s;
    return 0;
}

int want_path(const json_t *in, const char *key, const char **ret, struct fault *f)
{
    const char *s = json_get_string(in, key, NULL);

    if (!s || s[0] != '/')
        return wrong(key, "an absolute path", f);
    *ret = s;
    return 0;
}

int want_oid(const json_t *in, const char *key, const char **ret, struct fault *f)
{
    const char *s = json_get_string(in, key, NULL);

    if (!s || !git_is_oid(s))
        return wrong(key, "the full name of a commit", f);
    *ret = s;
    return 0;
}

int want_list(const json_t *in, const char *key, struct paths *ret, struct fault *f)
{
    const json_t *list = json_object_get(in, key);
    const json_t *entry;
    size_t i;

    if (!list || json_is_null(list))
        return 0;
    if (!json_is_array(list))
        return wrong(key, "a list of strings", f);
    json_array_foreach ((json_t *)list, i, entry) {
        if (!json_is_string(entry))
            return wrong(key, "a list of strings", f);
        paths_add(ret, json_string_value(entry));
    }
    return 0;
}

int want_word(const json_t *in, const char *key, const char *const *words, size_t count,
              struct fault *f)
{
    const char *s = json_get_string(in, key, words[0]);
    AUTO_TEXT known = {0};

    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], s) == 0)
            return (int)i;
        text_printf(&known, "%s%s", i ? ", " : "one of ", words[i]);
    }
    return wrong(key, text_get(&known), f);
}

json_t *paths_json(const struct paths *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_text_or_null(list->at[i]));
    return array;
}

json_t *diff_paths_json(const struct diffstat *d)
{
    json_t *array = json_array();

    for (size_t i = 0; i < d->count; i++)
        json_array_append_new(array, json_text_or_null(d->at[i].path));
    return array;
}

json_t *diff_json(const struct diffstat *d)
{
    json_t *changed = json_array();

    for (size_t i = 0; i < d->count; i++)
        json_array_append_new(
            changed, json_pack("{s:o, s:I, s:I, s:b}", "path", json_text_or_null(d->at[i].path),
                               "insertions", (json_int_t)d->at[i].insertions, "deletions",
                               (json_int_t)d->at[i].deletions, "binary", d->at[i].binary));
    return json_pack("{s:I, s:I, s:I, s:o}", "files", (json_int_t)d->count, "insertions",
                     (json_int_t)d->insertions, "deletions", (json_int_t)d->deletions, "changed",
                     changed);
}
