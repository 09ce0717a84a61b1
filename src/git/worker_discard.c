/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a run's clones: those in `folder` that are not in `keep` go, several at a time,
 * because removing many files is mostly waiting for the disk. One that can't go stays, and is named
 * with the reason; nothing is lost either way.
 */
#include "git/worker_priv.h"

#include "base/os.h"
#include "base/vector.h"
#include "git/discard.h"
#include "git/template.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { HANDS = 8 };

/* One clone; a thread has it for itself. */
struct discarding {
    char *path;
    struct discard_result result;
    struct fault fault;
};

struct sweep {
    struct discard_spec spec; /* of all; the path is each one's */
    struct paths keep;
    VECTOR(struct discarding) clones;
    atomic_size_t next;
};

/* What the machine fails is tried once more; a second fault is told below. */
static void discard_one(const struct sweep *s, struct discarding *d)
{
    struct discard_spec spec = s->spec;

    spec.path = d->path;
    if (clone_discard(&spec, &d->result, &d->fault) != -FAULT_SYSTEM)
        return;
    fault_clear(&d->fault);
    discard_result_free(&d->result);
    (void)!clone_discard(&spec, &d->result, &d->fault);
}

static void *discard_some(void *sweep)
{
    struct sweep *s = sweep;

    for (size_t i; (i = atomic_fetch_add(&s->next, 1)) < s->clones.count;)
        discard_one(s, &s->clones.at[i]);
    return NULL;
}

/* With as many threads as there may be, but at least this one. */
static void discard_listed(struct sweep *s)
{
    pthread_t others[HANDS - 1];
    size_t started = 0;

    while (started < COUNT_OF(others) && started + 1 < s->clones.count &&
           pthread_create(&others[started], NULL, discard_some, s) == 0)
        started++;
    (void)discard_some(s);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(others[i], NULL);
}

/* The run's template goes with its last copy. */
static void sweep_template(struct discarding *d)
{
    if (!d->fault.code && d->result.run)
        (void)!template_sweep(d->path, d->result.run, &d->fault); /* told below, too */
}

/* A discard that was cut short may have left nothing but the template. */
static int sweep_last(const char *folder, const char *run, struct fault *f)
{
    AUTO_FREE char *path = run ? os_path(folder, run) : NULL;

    return path ? template_sweep(path, run, f) : 0;
}

static json_t *tell(struct sweep *s)
{
    json_t *removed = json_array(), *kept = json_array(), *bundles = json_array();

    for (size_t i = 0; i < s->clones.count; i++) {
        struct discarding *d = &s->clones.at[i];
        sweep_template(d);
        if (d->result.removed)
            json_array_append_new(removed, json_text_or_null(d->path));
        if (d->result.bundle)
            json_array_append_new(bundles, json_text_or_null(d->result.bundle));
        for (size_t n = 0; n < d->result.inside.count; n++)
            json_array_append_new(bundles, json_text_or_null(d->result.inside.at[n]));
        if (!d->fault.code)
            continue;
        AUTO_FREE char *why = fault_text(&d->fault);
        json_array_append_new(kept, json_pack("{s:o, s:o}", "path", json_text_or_null(d->path),
                                              "why", json_text_or_null(why)));
    }
    return json_pack("{s:o, s:o, s:o}", "removed", removed, "kept", kept, "bundles", bundles);
}

static void sweep_free(struct sweep *s)
{
    for (size_t i = 0; i < s->clones.count; i++) {
        free(s->clones.at[i].path);
        discard_result_free(&s->clones.at[i].result);
        fault_clear(&s->clones.at[i].fault);
    }
    vector_free(&s->clones);
    paths_free(&s->keep);
}

static bool is_kept(const struct sweep *s, const char *path)
{
    for (size_t i = 0; i < s->keep.count; i++)
        if (strcmp(s->keep.at[i], path) == 0)
            return true;
    return false;
}

/* What stands beside a clone (clone.h) goes with it. */
static bool belongs_to_clone(const char *path)
{
    static const char ending[] = ".kelp";
    AUTO_FREE char *clone = mem_string(path);

    if (!text_ends(path, ending))
        return false;
    clone[strlen(path) - strlen(ending)] = '\0';
    return os_exists(clone);
}

static int list_clones(struct sweep *s, const char *folder, struct fault *f)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    if (!dir && errno == ENOENT)
        return 0;
    if (!dir)
        return fault_system(f, errno, "cannot list '%s'", folder);
    int r = 0;
    while (r == 0 && (r = os_next_entry(dir, folder, &entry, f)) > 0) {
        r = 0;
        AUTO_FREE char *path = text_format("%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || belongs_to_clone(path) || is_kept(s, path))
            continue;
        vector_push(&s->clones, (struct discarding){.path = path});
        path = NULL;
    }
    (void)closedir(dir);
    return r;
}

int worker_discard_all(const json_t *in, json_t **ret, struct fault *f)
{
    struct sweep s = {.next = 0};
    const char *folder;

    int r = want_path(in, "repo", &s.spec.repo, f);
    if (r == 0)
        r = want_path(in, "folder", &folder, f);
    if (r == 0)
        r = want_path(in, "bundle_dir", &s.spec.bundle_dir, f);
    if (r == 0)
        r = want_list(in, "keep", &s.keep, f);
    if (r == 0)
        r = list_clones(&s, folder, f);
    if (r == 0)
        discard_listed(&s);
    if (r == 0)
        r = sweep_last(folder, json_get_string(in, "run", NULL), f);
    if (r == 0)
        *ret = tell(&s);
    sweep_free(&s);
    return r;
}
