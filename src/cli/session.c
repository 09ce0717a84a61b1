/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include "base/install.h"
#include "base/os.h"
#include "journal/runs.h"

#include <string.h>

int session_open(struct session *s, struct fault *f)
{
    int r = repo_inspect(".", &s->repo, f);

    if (r < 0)
        return r;
    if (s->repo.bare || !s->repo.top) {
        r = fault_set(f, FAULT_ENVIRONMENT, "'%s' is a bare repository", s->repo.git_dir);
        fault_hint(f, "clone it, and run kelp in the clone");
        return r;
    }
    if (text_utf8_valid(s->repo.top, strlen(s->repo.top)) < strlen(s->repo.top)) {
        r = fault_set(f, FAULT_ENVIRONMENT, "the folder '%s' has a name that is not UTF-8",
                      s->repo.top);
        fault_hint(f, "rename it, or clone the repository to another folder");
        return r;
    }
    s->root = mem_string(s->repo.top);
    r = install_data("recipes", &s->recipes, f);
    if (r == 0)
        r = install_program("kelp-worker", &s->worker, f);
    return r < 0 ? r : install_program("kelp-relay", &s->relay, f);
}

void session_close(struct session *s)
{
    repo_info_free(&s->repo);
    free(s->root);
    free(s->recipes);
    free(s->worker);
    free(s->relay);
    *s = (struct session){0};
}

static int newest_run(const struct session *s, struct exec_id *ret_id, struct fault *f)
{
    struct runs runs = {0};
    int r = runs_list(s->root, &runs, f);

    if (r == 0 && !runs.list.count) {
        r = fault_set(f, FAULT_NOT_FOUND, "'%s' has no runs yet", s->root);
        fault_hint(f, "`kelp run TASK` makes one");
    } else if (r == 0) {
        *ret_id = exec_id_root(runs.list.at[0].number);
    }
    runs_free(&runs);
    return r;
}

int session_find_run(const struct session *s, const char *word, struct exec_id *ret_id,
                     struct fault *f)
{
    struct run_entry entry;

    if (!word)
        return newest_run(s, ret_id, f);
    int r = exec_id_parse(word, ret_id, f);
    if (r == 0)
        r = runs_look(s->root, ret_id->root, &entry, f);
    if (r == -FAULT_NOT_FOUND)
        fault_hint(f, "`kelp ls` lists the runs of this repository");
    return r;
}

int session_find_orch(const struct tree *t, struct exec_id id, uint32_t *ret, struct fault *f)
{
    char text[EXEC_ID_TEXT_MAX];

    for (uint32_t i = 0; i < t->orchs.count; i++)
        if (exec_id_same(t->orchs.at[i].id, id)) {
            *ret = i;
            return 0;
        }
    exec_id_format(id, text);
    int r = fault_set(f, FAULT_NOT_FOUND, "the run has no orchestrator '%s'", text);
    fault_hint(f, "`kelp status` lists them");
    return r;
}

static int apply(void *context, const struct event *e)
{
    struct loaded *l = context;
    struct commands ignored = {0};

    tree_apply(l->tree, e, &ignored);
    vector_free(&ignored.list);
    return 0;
}

int loaded_open(const struct session *s, uint32_t number, struct loaded *ret, struct fault *f)
{
    *ret = (struct loaded){.number = number, .dir = runs_dir(s->root, number), .tree = tree_new()};
    int r = journal_open(ret->dir, JOURNAL_READ, &ret->journal, f);
    if (r == 0)
        r = journal_replay(ret->journal, &ret->plans, apply, ret, f);
    return r;
}

int loaded_follow(struct loaded *l, struct fault *f)
{
    int64_t before = journal_count(l->journal);
    int r = journal_follow(l->journal, &l->plans, apply, l, f);

    return r < 0 ? r : (int)(journal_count(l->journal) - before);
}

void loaded_close(struct loaded *l)
{
    tree_free(l->tree);
    journal_close(l->journal);
    arena_free(&l->plans);
    free(l->dir);
    *l = (struct loaded){0};
}
