/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/node.h"

#include <string.h>

bool node_is_null(const struct node *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};

    if (node->kind != NODE_SCALAR || !node->plain)
        return false;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(node->text, words[i]) == 0)
            return true;
    return false;
}

/* At most `max` bytes, cut between characters. */
static size_t shortened(const char *s, size_t max)
{
    size_t n = strlen(s);

    if (n <= max)
        return n;
    n = max;
    while (n && ((unsigned char)s[n] & 0xC0) == 0x80)
        n--;
    return n;
}

const char *node_describe(const struct node *node, struct arena *a)
{
    if (node->kind == NODE_SEQUENCE)
        return "a list";
    if (node->kind == NODE_MAPPING)
        return "a mapping";
    if (node_is_null(node))
        return "nothing";
    size_t n = shortened(node->text, 40);
    return arena_format(a, "'%.*s%s'", (int)n, node->text, node->text[n] ? "..." : "");
}

static int json_node(const json_t *value, unsigned depth, struct arena *a, struct node **ret);

static void json_scalar(const json_t *value, struct arena *a, struct node *node)
{
    node->kind = NODE_SCALAR;
    node->plain = !json_is_string(value);
    if (json_is_string(value))
        node->text = arena_string(a, json_string_value(value));
    else if (json_is_integer(value))
        node->text = arena_format(a, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        node->text = arena_format(a, "%.17g", json_real_value(value));
    else
        node->text = json_is_null(value) ? "null" : json_is_true(value) ? "true" : "false";
}

static int json_list(const json_t *value, unsigned depth, struct arena *a, struct node *node)
{
    node->kind = NODE_SEQUENCE;
    node->count = json_array_size(value);
    node->items = arena_array(a, node->count, sizeof *node->items);
    for (size_t i = 0; i < node->count; i++) {
        int r = json_node(json_array_get(value, i), depth + 1, a, &node->items[i]);
        if (r < 0)
            return r;
        node->weight += node->items[i]->weight;
    }
    return 0;
}

static int json_map(const json_t *value, unsigned depth, struct arena *a, struct node *node)
{
    const char *key;
    json_t *member;
    size_t at = 0;

    node->kind = NODE_MAPPING;
    node->count = 2 * json_object_size(value);
    node->items = arena_array(a, node->count, sizeof *node->items);
    /* jansson iterates through a pointer that is not const, and changes nothing. */
    json_object_foreach ((json_t *)value, key, member) {
        struct node *name = ARENA_NEW(a, struct node);
        *name = (struct node){.kind = NODE_SCALAR, .text = arena_string(a, key), .weight = 1};
        node->items[at] = name;
        int r = json_node(member, depth + 1, a, &node->items[at + 1]);
        if (r < 0)
            return r;
        node->weight += 1 + node->items[at + 1]->weight;
        at += 2;
    }
    return 0;
}

static int json_node(const json_t *value, unsigned depth, struct arena *a, struct node **ret)
{
    if (depth > NODE_DEPTH_MAX)
        return -FAULT_LIMIT;
    struct node *node = ARENA_NEW(a, struct node);
    node->weight = 1;
    *ret = node;
    if (json_is_array(value))
        return json_list(value, depth, a, node);
    if (json_is_object(value))
        return json_map(value, depth, a, node);
    json_scalar(value, a, node);
    return 0;
}

int node_from_json(const json_t *value, const char *name, struct arena *a, struct node **ret_root,
                   struct fault *f)
{
    if (json_node(value, 1, a, ret_root) == 0)
        return 0;
    int r =
        fault_set(f, FAULT_LIMIT, "'%s' is nested more than %d levels deep", name, NODE_DEPTH_MAX);
    fault_hint(f, "a plan needs fewer than ten levels");
    return r;
}
