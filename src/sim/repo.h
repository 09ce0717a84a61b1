/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git, as far as the simulator needs it: who has whose work. The work of an attempt is its job's
 * number, a commit is a set of such numbers, and its name follows from the set, so that the
 * same operation repeated gives the same commit.
 */
#ifndef KELP_SIM_REPO_H
#define KELP_SIM_REPO_H

#include "base/arena.h"
#include "base/vector.h"

#include <stdbool.h>
#include <stdint.h>

/* Numbers of jobs, ascending. */
struct content {
    VECTOR(uint32_t) jobs;
};

/* A private copy: an orchestrator's (agent AGENT_NONE), or an agent's own. Each life of an
 * orchestrator has copies of its own. */
struct copy_id {
    uint32_t orch, agent, generation;
};

struct repo_copy {
    struct copy_id id;
    bool exists;
    uint32_t inside, writers;        /* agents at work in it */
    struct content committed, loose; /* loose: in the working tree only */
};

struct repo_copies {
    VECTOR(struct repo_copy) list; /* of one orchestrator, the oldest first */
};

struct repo_commit {
    const char *name;
    struct content content;
};

/* What a planted bug makes of it. */
enum repo_bug {
    REPO_SOUND,
    REPO_NO_BUNDLES, /* a copy goes without a look at what only it has */
    REPO_NO_EARLIER, /* a branch is moved without a look at what only it has */
};

struct repo {
    struct arena *arena;                /* for names; the world's */
    VECTOR(struct repo_copies) copies;  /* by orchestrator */
    VECTOR(struct content) fetched;     /* by orchestrator: its branch in the user's repository */
    VECTOR(struct repo_commit) commits; /* all that ever had a name */
    struct content landed, pushed;
    struct content earlier; /* what branches had before they were moved to where that is not */
    struct content bundled; /* kept in a file when a copy went */
    uint32_t bundles;       /* such files */
    uint32_t moves;         /* of branches that left something behind */
    uint32_t lost;          /* pieces of committed work that no repository holds any more */
    enum repo_bug bug;
};

bool content_has(const struct content *c, uint32_t job);
bool content_holds(const struct content *all, const struct content *part);

/* NULL if it was never made or is gone. */
struct repo_copy *repo_find(struct repo *r, struct copy_id id);
/* A copy that exists is the copy. An agent's own starts from its orchestrator's, that from
 * `commit`.
 */
void repo_make(struct repo *r, struct copy_id id, const char *commit);
void repo_work(struct repo *r, struct copy_id id, uint32_t job);
void repo_reset(struct repo *r, struct copy_id id);
/* Each of the next returns the name of the commit that is there now, "" if there is no such copy.
 */
const char *repo_settle(struct repo *r, struct copy_id id);
const char *repo_join(struct repo *r, struct copy_id from, struct copy_id into);
/* The branch of the orchestrator is then where the copy is, wherever it was. */
const char *repo_fetch(struct repo *r, struct copy_id id);
const char *repo_head(struct repo *r, struct copy_id id);
/* A commit with the fetched branches of some orchestrators on top of another commit. */
const char *repo_merge(struct repo *r, const char *onto, const uint32_t *orchs, size_t count);
/* Whether all of a commit is in the repository itself, and not in a private copy alone. */
bool repo_knows(const struct repo *r, const char *commit);
void repo_land(struct repo *r, const char *commit);
void repo_push(struct repo *r);
/* The copy goes as it is. */
void repo_remove(struct repo *r, struct copy_id id);
/* All copies go but those to keep, whatever orchestrator or life they are of. What only one of them
 * has, committed or not, goes into a bundle first. */
void repo_discard(struct repo *r, const struct copy_id *keep, size_t count);
/* Never NULL: a commit that nobody made has nothing in it. */
const struct content *repo_commit(const struct repo *r, const char *name);
/* Whether the work is committed anywhere that lasts, or in a copy that exists. */
bool repo_has_work(const struct repo *r, uint32_t job);
/* Whether the branch as it is in the newest clone, or was when that went, is in the user's
 * repository. */
bool repo_was_fetched(const struct repo *r, uint32_t orch);
const struct content *repo_fetched(const struct repo *r, uint32_t orch);
void repo_free(struct repo *r);

#endif
