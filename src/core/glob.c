/* SPDX-License-Identifier: Apache-2.0 */
#include "core/glob.h"

#include "base/vector.h"

#include <string.h>

/*
 * A glob becomes a small automaton: from each state one step that consumes a byte of a set, one
 * that consumes nothing, or both. Empty steps only lead forward.
 */
struct byte_set {
    uint64_t bits[4];
};

enum { NOWHERE = -1 };

struct glob_state {
    struct byte_set set;
    int to;   /* after a byte of the set; NOWHERE */
    int skip; /* without one; NOWHERE */
};

struct glob {
    VECTOR(struct glob_state) states; /* the accepting state is behind the last */
    bool plain;                       /* no wildcard so far */
};

static void set_add(struct byte_set *set, unsigned char byte)
{
    set->bits[byte / 64] |= UINT64_C(1) << byte % 64;
}

static bool set_has(const struct byte_set *set, unsigned char byte)
{
    return set->bits[byte / 64] >> byte % 64 & 1;
}

static bool sets_meet(const struct byte_set *a, const struct byte_set *b)
{
    uint64_t both = 0;

    for (int i = 0; i < 4; i++)
        both |= a->bits[i] & b->bits[i];
    return both != 0;
}

static struct byte_set set_of(unsigned char byte)
{
    struct byte_set set = {{0}};

    set_add(&set, byte);
    return set;
}

/* Every byte that a path may have, but those of `set`. */
static struct byte_set set_without(struct byte_set set)
{
    for (int i = 0; i < 4; i++)
        set.bits[i] = ~set.bits[i];
    set.bits[0] &= ~UINT64_C(1);
    return set;
}

static struct byte_set set_not_slash(void)
{
    return set_without(set_of('/'));
}

/* `to` and `skip` are relative to the new state. */
static void add_state(struct glob *g, struct byte_set set, int to, int skip)
{
    int here = (int)g->states.count;

    vector_push(&g->states, (struct glob_state){
                                .set = set,
                                .to = here + to,
                                .skip = skip ? here + skip : NOWHERE,
                            });
}

/* One or more segments. */
static void add_below(struct glob *g)
{
    add_state(g, set_not_slash(), 1, 0);
    add_state(g, set_without((struct byte_set){{0}}), 0, 1);
}

/* Any number of folders, each with its slash. */
static void add_folders(struct glob *g)
{
    add_state(g, set_not_slash(), 1, 3);
    add_state(g, set_not_slash(), 0, 1);
    add_state(g, set_of('/'), -2, 0);
}

/* `[...]` at `p`: its length and the set, or 0 if it is not closed. */
static size_t read_class(const char *p, struct byte_set *ret)
{
    struct byte_set set = {{0}};
    bool negated = p[1] == '!' || p[1] == '^';
    size_t first = negated ? 2 : 1;
    size_t i = first;

    for (; p[i] && (p[i] != ']' || i == first); i++) {
        unsigned char low = (unsigned char)p[i];
        unsigned char high = low;
        if (p[i + 1] == '-' && p[i + 2] && p[i + 2] != ']') {
            high = (unsigned char)p[i + 2];
            i += 2;
        }
        for (unsigned byte = low; byte <= high; byte++)
            set_add(&set, (unsigned char)byte);
    }
    if (!p[i])
        return 0;
    /* A set is about one character of a name, so that a slash is never in it. */
    if (negated) {
        set_add(&set, '/');
        set = set_without(set);
    } else {
        set.bits['/' / 64] &= ~(UINT64_C(1) << '/' % 64);
    }
    *ret = set;
    return i + 1;
}

/* One character or wildcard within a segment; returns its length. */
static size_t add_atom(struct glob *g, const char *p)
{
    struct byte_set set;
    size_t length;

    if (*p == '*') {
        g->plain = false;
        add_state(g, set_not_slash(), 0, 1);
        return 1;
    }
    if (*p == '?') {
        g->plain = false;
        add_state(g, set_not_slash(), 1, 0);
        return 1;
    }
    if (*p == '[' && (length = read_class(p, &set)) > 0) {
        g->plain = false;
        add_state(g, set, 1, 0);
        return length;
    }
    length = *p == '\\' && p[1] ? 2 : 1;
    add_state(g, set_of((unsigned char)p[length - 1]), 1, 0);
    return length;
}

static const char *skip_head(const char *p)
{
    while (*p == '/' || (p[0] == '.' && (p[1] == '/' || !p[1])))
        p++;
    return p;
}

/* The `**` of a whole segment, with the slashes behind it; 0 if there is none. */
static size_t folders_length(const char *p)
{
    if (p[0] != '*' || p[1] != '*' || (p[2] && p[2] != '/'))
        return 0;
    return 2 + strspn(p + 2, "/");
}

static void compile(struct glob *g, const char *p)
{
    bool below = true; /* the glob has ended in a slash, or is empty */

    g->plain = true;
    p = skip_head(p);
    while (*p) {
        size_t length = below ? folders_length(p) : 0;
        if (length) {
            g->plain = false;
            if (p[length])
                add_folders(g);
            p += length;
            continue;
        }
        below = *p == '/';
        if (below)
            add_state(g, set_of('/'), 1, 0);
        p += below ? strspn(p, "/") : add_atom(g, p);
    }
    if (!below && !g->plain)
        return;
    /* A plain path is itself, or a slash and what is below. */
    if (!below)
        add_state(g, set_of('/'), 1, 3);
    add_below(g);
}

static void glob_free(struct glob *g)
{
    vector_free(&g->states);
}

/* Adds what empty steps reach. */
static void close_states(const struct glob *g, bool *in)
{
    for (size_t i = 0; i < g->states.count; i++)
        if (in[i] && g->states.at[i].skip != NOWHERE)
            in[g->states.at[i].skip] = true;
}

/* Replaces `in` by the states after `byte`, with `next` as room. False if there are none. */
static bool step_states(const struct glob *g, bool *in, bool *next, unsigned char byte)
{
    bool any = false;

    memset(next, 0, g->states.count + 1);
    for (size_t i = 0; i < g->states.count; i++)
        if (in[i] && set_has(&g->states.at[i].set, byte))
            any = next[g->states.at[i].to] = true;
    memcpy(in, next, g->states.count + 1);
    close_states(g, in);
    return any;
}

bool glob_match(const char *pattern, const char *path)
{
    __attribute__((cleanup(glob_free))) struct glob g = {0};

    if (strlen(pattern) > GLOB_MAX)
        return false;
    compile(&g, pattern);
    AUTO_FREE bool *in = mem_zero(2 * (g.states.count + 1));
    in[0] = true;
    close_states(&g, in);
    for (; *path; path++)
        if (!step_states(&g, in, in + g.states.count + 1, (unsigned char)*path))
            return false;
    return in[g.states.count];
}

const char *glob_head(const char *pattern, size_t *ret_length)
{
    const char *head = skip_head(pattern);
    size_t n = 0;

    while (head[n] && !strchr("*?[\\", head[n]) && (head[n] != '/' || head[n + 1] != '/'))
        n++;
    *ret_length = n;
    return head;
}

/* The pairs of states that both globs can be in after the same bytes. */
struct product {
    const struct glob *a, *b;
    bool *seen;
    VECTOR(size_t) todo;
};

static void product_reach(struct product *p, int i, int j)
{
    size_t pair = (size_t)i * (p->b->states.count + 1) + (size_t)j;

    if (p->seen[pair])
        return;
    p->seen[pair] = true;
    vector_push(&p->todo, pair);
}

/* What lies one step beyond (i, j); neither may be the accepting state. */
static void product_step(struct product *p, int i, int j)
{
    const struct glob_state *a = &p->a->states.at[i];
    const struct glob_state *b = &p->b->states.at[j];

    if (sets_meet(&a->set, &b->set))
        product_reach(p, a->to, b->to);
}

static bool product_search(struct product *p)
{
    size_t width = p->b->states.count + 1;
    size_t goal = (p->a->states.count + 1) * width - 1;

    product_reach(p, 0, 0);
    while (p->todo.count && !p->seen[goal]) {
        size_t pair = p->todo.at[--p->todo.count];
        int i = (int)(pair / width);
        int j = (int)(pair % width);
        bool a_ended = (size_t)i == p->a->states.count;
        bool b_ended = (size_t)j == p->b->states.count;
        if (!a_ended && p->a->states.at[i].skip != NOWHERE)
            product_reach(p, p->a->states.at[i].skip, j);
        if (!b_ended && p->b->states.at[j].skip != NOWHERE)
            product_reach(p, i, p->b->states.at[j].skip);
        if (!a_ended && !b_ended)
            product_step(p, i, j);
    }
    return p->seen[goal];
}

static bool heads_differ(const char *a, const char *b)
{
    size_t a_length, b_length;

    a = glob_head(a, &a_length);
    b = glob_head(b, &b_length);
    return memcmp(a, b, a_length < b_length ? a_length : b_length) != 0;
}

bool globs_overlap(const char *a, const char *b)
{
    __attribute__((cleanup(glob_free))) struct glob left = {0};
    __attribute__((cleanup(glob_free))) struct glob right = {0};

    if (heads_differ(a, b))
        return false;
    if (strlen(a) > GLOB_MAX || strlen(b) > GLOB_MAX)
        return true;
    compile(&left, a);
    compile(&right, b);
    AUTO_FREE bool *seen = mem_zero((left.states.count + 1) * (right.states.count + 1));
    struct product p = {.a = &left, .b = &right, .seen = seen};
    bool found = product_search(&p);
    vector_free(&p.todo);
    return found;
}
