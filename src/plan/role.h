/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roles: files in the form that agent tools share. YAML front matter (name, description, tools,
 * model; other keys are ignored) between two lines of "---", then the prompt; for Codex, TOML
 * (name, description, model, developer_instructions). They are read from .kelp/agents,
 * .claude/agents, .opencode/agents, .opencode/agent and .codex/agents below a root, sub-folders
 * included; of two roles with the same name the first in this order counts.
 */
#ifndef KELP_PLAN_ROLE_H
#define KELP_PLAN_ROLE_H

#include "base/fault.h"
#include "core/plan.h"
#include "plan/source.h"

enum { ROLE_BYTES_MAX = 1024 * 1024 };

struct role {
    const char *name; /* the file's name without its ending where nothing else is written */
    const char *description;
    const char *model;  /* "" for none */
    const char *driver; /* whose models `model` is one of; "": of whoever does the work */
    const char *prompt;
    struct strings tools;
    const char *file;
};

struct roles {
    struct role *at; /* by folder as above, then by file name */
    size_t count;
    struct strings faults; /* "FILE:LINE:COL: message" for each file that is broken */
};

/* Folders that do not exist hold no roles; a broken file is left out and named in ret->faults. */
int roles_load(const char *root, struct arena *a, struct roles *ret, struct fault *f) MUST_CHECK;
/* By name, whatever the case; "-", "_" and a space are the same. NULL if there is none. */
const struct role *roles_find(const struct roles *roles, const char *name);
/* The model of the role for work that goes to `agent`; "" where it says none, or one of another
 * driver's. `role` may be NULL. */
const char *role_model(const struct role *role, const char *agent);
/* For prompts of the plan that name no model: the one of their role's file. */
void roles_fill_models(const struct roles *roles, struct plan *plan);
/* One file's text, by the ending of its name. Faults have a line. */
int role_parse(const struct source *source, struct arena *a, struct role *ret,
               struct fault *f) MUST_CHECK;

#endif
