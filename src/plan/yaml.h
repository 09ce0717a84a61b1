/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans from YAML 1.2, and so from JSON. Every fault has the place of what is wrong
 * (FILE:LINE:COL) and a hint. docs/plan.md lists the keys.
 */
#ifndef KELP_PLAN_YAML_H
#define KELP_PLAN_YAML_H

#include "base/fault.h"
#include "core/plan.h"
#include "plan/source.h"

#include <jansson.h>

/*
 * source->name becomes plan->file. The plan and all its strings live in `a` and do not refer to
 * the source. FAULT_PLAN is a wrong plan, FAULT_LIMIT one that is too large or
 * nested too deep, FAULT_NEWER one of a newer kelp.
 */
int plan_read_yaml(const struct source *source, struct arena *a, struct plan **ret,
                   struct fault *f) MUST_CHECK;
/* Reads the file (at most 16 MiB) and then as above. */
int plan_read_file(const char *path, struct arena *a, struct plan **ret,
                   struct fault *f) MUST_CHECK;
/* From a JSON value that plan_to_json made; faults have no line. Faster. Text from anywhere else
 * goes through plan_read_yaml, which also checks the variables. */
int plan_from_json(const json_t *value, const char *name, struct arena *a, struct plan **ret,
                   struct fault *f) MUST_CHECK;

struct node;
struct reader;
/* From a document that was read already; `root` may be NULL. What is not written is as `request`
 * has it, whose subtasks are not looked at; NULL: as in a plan file. */
int plan_read_node(struct reader *r, const struct node *root, const struct plan *request,
                   struct plan **ret) MUST_CHECK;

#endif
