/* SPDX-License-Identifier: Apache-2.0 */
/* What nearly every command needs first: the repository, its runs, and a run's tree. */
#ifndef KELP_CLI_SESSION_H
#define KELP_CLI_SESSION_H

#include "base/arena.h"
#include "core/tree.h"
#include "git/inspect.h"
#include "journal/journal.h"

/* Plain data; begin with session_open, end with session_close. */
struct session {
    struct repo_info repo;
    char *root;    /* the repository's top folder; owned */
    char *recipes; /* owned */
    char *worker;  /* the program; owned */
    char *relay;   /* the same */
};

/* FAULT_ENVIRONMENT when the current folder is in no repository, or in a bare one. */
int session_open(struct session *s, struct fault *f) MUST_CHECK;
void session_close(struct session *s);
#define AUTO_SESSION __attribute__((cleanup(session_close))) struct session

/* The run that `word` names, e.g. "ORG_1001" or, with *ret_id, "ORG_1001.3"; NULL: the newest.
 * FAULT_NOT_FOUND if there is none; FAULT_USAGE for a malformed ID. */
int session_find_run(const struct session *s, const char *word, struct exec_id *ret_id,
                     struct fault *f) MUST_CHECK;
/* The index of an orchestrator by its ID; FAULT_NOT_FOUND. */
int session_find_orch(const struct tree *t, struct exec_id id, uint32_t *ret,
                      struct fault *f) MUST_CHECK;

/* A run as its journal tells it, for those who only read. Plain data; end with loaded_close. */
struct loaded {
    uint32_t number;
    char *dir;
    struct journal *journal;
    struct arena plans;
    struct tree *tree;
};

/* Opens the journal beside a live engine or not, and replays what it holds. */
int loaded_open(const struct session *s, uint32_t number, struct loaded *ret,
                struct fault *f) MUST_CHECK;
/* Applies what came since; returns how many events. */
int loaded_follow(struct loaded *l, struct fault *f) MUST_CHECK;
void loaded_close(struct loaded *l);
#define AUTO_LOADED __attribute__((cleanup(loaded_close))) struct loaded

#endif
