/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roles: files in the form that agent tools share. YAML front matter (name, description, tools,
 * model; other keys are ignored) between two lines of "---", then the prompt. They are read from
 * .kelp/agents and .claude/agents below a root, sub-folders included; of two roles with the same
 * name the one in .kelp/agents wins.
 */
#ifndef KELP_PLAN_ROLE_H
#define KELP_PLAN_ROLE_H

#include "base/fault.h"
#include "core/plan.h"
#include "plan/source.h"

enum { ROLE_BYTES_MAX = 1024 * 1024 };

struct role {
    const char *name; /* the file's name without .md where the front matter has none */
    const char *description;
    const char *model; /* "" for none */
    const char *prompt;
    struct strings tools;
    const char *file;
};

struct roles {
    struct role *at; /* by file name, .kelp/agents first */
    size_t count;
    struct strings faults; /* "FILE:LINE:COL: message" for each file that is broken */
};

/* Folders that do not exist hold no roles; a broken file is left out and named in ret->faults. */
int roles_load(const char *root, struct arena *a, struct roles *ret, struct fault *f) MUST_CHECK;
/* By name, whatever the case; "-", "_" and a space are the same. NULL if there is none. */
const struct role *roles_find(const struct roles *roles, const char *name);
/* One file's text. Faults have a line. */
int role_parse(const struct source *source, struct arena *a, struct role *ret,
               struct fault *f) MUST_CHECK;

#endif
