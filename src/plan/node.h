/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document as a tree of nodes, whatever it was written in. YAML and JSON become the same
 * tree, so that one set of key tables (field.h) reads both. Aliases share the node that they
 * name; the tree is therefore never walked without a bound on `weight`.
 */
#ifndef KELP_PLAN_NODE_H
#define KELP_PLAN_NODE_H

#include "base/arena.h"
#include "base/fault.h"
#include "plan/source.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    NODE_DEPTH_MAX = 64,     /* a plan needs 10 */
    NODE_ANCHORS_MAX = 1000, /* in one document */
    NODE_WEIGHT_MAX = 4 * 1000 * 1000,
    NODE_BYTES_MAX = 16 * 1024 * 1024,
};

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

struct node {
    enum node_kind kind;
    bool plain;              /* a scalar without quotes: may be a number or null */
    struct plan_place place; /* zero in a tree from JSON values */
    const char *text;        /* of a scalar */
    struct node **items;     /* of a mapping: key, value, key, value, ... */
    size_t count;            /* of items */
    size_t weight;           /* nodes of the tree below and this one, aliases written out */
};

/*
 * Reads one YAML 1.2 document (JSON is one). All of the result lives in `a`. Refused with a
 * place: broken UTF-8, NUL, syntax errors, nesting and aliases beyond the bounds above, more
 * than one document. An empty text gives *ret_root NULL.
 */
int node_read_yaml(const struct source *source, struct arena *a, struct node **ret_root,
                   struct fault *f) MUST_CHECK;
/* The same tree from a JSON value; `name` is for messages. */
int node_from_json(const json_t *value, const char *name, struct arena *a, struct node **ret_root,
                   struct fault *f) MUST_CHECK;

bool node_is_null(const struct node *node);
/* "a list", "a mapping", "nothing" or the text in quotes (shortened), for messages; in `a`. */
const char *node_describe(const struct node *node, struct arena *a);

#endif
