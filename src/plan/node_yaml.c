/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From libfyaml's events to nodes. Events and not its document tree: the depth and the aliases
 * are then bounded while reading, and nothing here or there recurses.
 */
#include "plan/node.h"

#include "base/text.h"
#include "base/vector.h"

#include <libfyaml.h>
#include <stdint.h>
#include <string.h>

struct frame {
    struct node *node;
    const char *anchor; /* NULL for none */
    VECTOR(struct node *) children;
};

struct anchor {
    const char *name;
    struct node *node;
};

struct builder {
    struct arena *arena;
    const char *name;
    struct fault *fault;
    struct node *root;
    struct plan_place last; /* of what came before */
    unsigned documents;
    unsigned depth; /* open collections, frames[0..depth) */
    struct frame frames[NODE_DEPTH_MAX];
    VECTOR(struct anchor) anchors;
};

static int fail_at(struct builder *b, struct plan_place at, enum fault_code code,
                   const char *message, const char *hint)
{
    int r = fault_set(b->fault, code, "%s", message);

    fault_hint(b->fault, "%s", hint);
    fault_place(b->fault, b->name, at.line, at.column);
    return r;
}

/* What is written nowhere, such as an empty value, is where the last thing was. */
static struct plan_place token_place(struct builder *b, struct fy_token *token)
{
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;

    if (mark)
        b->last = (struct plan_place){(unsigned)mark->line + 1, (unsigned)mark->column + 1};
    return b->last;
}

/* libfyaml's marks point behind an opening quote and the sign of an alias. */
static struct plan_place signed_place(struct builder *b, struct fy_token *token)
{
    struct plan_place at = token_place(b, token);

    at.column -= at.column > 1;
    return at;
}

static struct plan_place scalar_place(struct builder *b, struct fy_token *token)
{
    enum fy_scalar_style style = fy_token_scalar_style(token);
    bool quoted = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;

    return quoted ? signed_place(b, token) : token_place(b, token);
}

static char *token_copy(struct builder *b, struct fy_token *token, size_t *ret_length)
{
    const char *text = token ? fy_token_get_text(token, ret_length) : NULL;

    if (!text)
        *ret_length = 0;
    return arena_string_n(b->arena, text ? text : "", *ret_length);
}

static const char *anchor_name(struct builder *b, struct fy_token *token)
{
    size_t length;

    return token ? token_copy(b, token, &length) : NULL;
}

static int remember(struct builder *b, const char *name, struct node *node)
{
    if (!name)
        return 0;
    if (b->anchors.count == NODE_ANCHORS_MAX)
        return fail_at(b, node->place, FAULT_LIMIT, "more than 1000 anchors",
                       "write the values out");
    vector_push(&b->anchors, (struct anchor){name, node});
    return 0;
}

/* Hands a finished node to the collection that is open, or makes it the root. */
static int attach(struct builder *b, struct node *node)
{
    if (!b->depth) {
        b->root = node;
        return 0;
    }
    struct frame *top = &b->frames[b->depth - 1];
    top->node->weight += node->weight;
    if (top->node->weight > NODE_WEIGHT_MAX)
        return fail_at(b, node->place, FAULT_LIMIT, "more than 4000000 values, aliases written out",
                       "write the values out, or repeat work with for_each");
    vector_push(&top->children, node);
    return 0;
}

static int open_collection(struct builder *b, enum node_kind kind, struct fy_token *start,
                           struct fy_token *anchor)
{
    if (b->depth == NODE_DEPTH_MAX)
        return fail_at(b, token_place(b, start), FAULT_LIMIT, "nested more than 64 levels deep",
                       "a plan needs fewer than ten levels");
    struct node *node = ARENA_NEW(b->arena, struct node);
    *node = (struct node){.kind = kind, .place = token_place(b, start), .weight = 1};
    struct frame *frame = &b->frames[b->depth++];
    frame->node = node;
    frame->anchor = anchor_name(b, anchor);
    frame->children.count = 0;
    return 0;
}

static int close_collection(struct builder *b)
{
    struct frame *frame = &b->frames[--b->depth];
    struct node *node = frame->node;

    node->count = frame->children.count;
    node->items = arena_array(b->arena, node->count, sizeof *node->items);
    for (size_t i = 0; i < node->count; i++)
        node->items[i] = frame->children.at[i];
    /* An anchor counts from its node's end: an alias inside would be a circle. */
    int r = remember(b, frame->anchor, node);
    return r < 0 ? r : attach(b, node);
}

static int add_scalar(struct builder *b, const struct fy_event_scalar_data *scalar)
{
    struct node *node = ARENA_NEW(b->arena, struct node);
    size_t length;

    *node = (struct node){.kind = NODE_SCALAR,
                          .plain = fy_token_scalar_style(scalar->value) == FYSS_PLAIN,
                          .place = scalar_place(b, scalar->value),
                          .text = token_copy(b, scalar->value, &length),
                          .weight = 1};
    if (strlen(node->text) != length)
        return fail_at(b, node->place, FAULT_PLAN, "text with a NUL character",
                       "take the \\0 out of the string");
    int r = remember(b, anchor_name(b, scalar->anchor), node);
    return r < 0 ? r : attach(b, node);
}

static int add_alias(struct builder *b, struct fy_token *token)
{
    const char *name = anchor_name(b, token);

    for (size_t i = b->anchors.count; name && i-- > 0;)
        if (strcmp(b->anchors.at[i].name, name) == 0)
            return attach(b, b->anchors.at[i].node);
    AUTO_FREE char *message = text_format("unknown alias '%s'", name ? name : "");
    return fail_at(b, signed_place(b, token), FAULT_PLAN, message,
                   "an alias repeats an anchor, written &name, that has ended before it; quote "
                   "a text that begins with *");
}

static int start_document(struct builder *b, struct fy_token *token)
{
    if (b->documents++)
        return fail_at(b, token_place(b, token), FAULT_PLAN, "a second document begins here",
                       "keep one document to a file");
    return 0;
}

static int take_event(struct builder *b, struct fy_event *e)
{
    switch (e->type) {
    case FYET_DOCUMENT_START:
        return start_document(b, e->document_start.document_start);
    case FYET_SCALAR:
        return add_scalar(b, &e->scalar);
    case FYET_ALIAS:
        return add_alias(b, e->alias.anchor);
    case FYET_SEQUENCE_START:
        return open_collection(b, NODE_SEQUENCE, e->sequence_start.sequence_start,
                               e->sequence_start.anchor);
    case FYET_MAPPING_START:
        return open_collection(b, NODE_MAPPING, e->mapping_start.mapping_start,
                               e->mapping_start.anchor);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        return close_collection(b);
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        break;
    }
    return 0;
}

static int syntax_fault(struct builder *b, struct fy_diag *diag)
{
    void *walk = NULL;
    struct fy_diag_error *error = fy_diag_errors_iterate(diag, &walk);
    struct plan_place at = {1, 1};

    if (error)
        at = (struct plan_place){(unsigned)error->line, (unsigned)error->column};
    return fail_at(b, at, FAULT_PLAN, error ? error->msg : "not valid YAML",
                   "this is not valid YAML; check the indentation, quotes and brackets here");
}

static int take_all(struct builder *b, struct fy_parser *parser, struct fy_diag *diag)
{
    struct fy_event *event;
    int r = 0;

    while (r == 0 && (event = fy_parser_parse(parser))) {
        r = take_event(b, event);
        fy_parser_event_free(parser, event);
    }
    if (r == 0 && (fy_parser_get_stream_error(parser) || fy_diag_got_error(diag)))
        return syntax_fault(b, diag);
    return r;
}

static int parse(struct builder *b, const char *text, size_t length)
{
    struct fy_diag_cfg quiet;

    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&quiet);
    if (!diag)
        bug("libfyaml gave no diagnostics");
    fy_diag_set_collect_errors(diag, true);
    const struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_JSON_NONE |
                                              FYPCF_DEFAULT_VERSION_1_2 |
                                              FYPCF_SLOPPY_FLOW_INDENTATION,
                                     .diag = diag};
    struct fy_parser *parser = fy_parser_create(&cfg);
    if (!parser || fy_parser_set_string(parser, text, length))
        bug("libfyaml gave no parser");
    int r = take_all(b, parser, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag); /* unref alone would keep the collected errors */
    return r;
}

int node_read_yaml(const struct source *source, struct arena *a, struct node **ret_root,
                   struct fault *f)
{
    AUTO_FREE struct builder *b = MEM_NEW(struct builder);

    b->arena = a;
    b->name = source->name;
    b->fault = f;
    b->last = (struct plan_place){1, 1};
    int r = source_check(source, NODE_BYTES_MAX, f);
    if (r == 0 && source->length)
        r = parse(b, source->text, source->length);
    if (r == 0)
        *ret_root = b->root && !node_is_null(b->root) ? b->root : NULL;
    for (size_t i = 0; i < NODE_DEPTH_MAX; i++)
        vector_free(&b->frames[i].children);
    vector_free(&b->anchors);
    return r;
}
