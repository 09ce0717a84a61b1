/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bisect.h"

#include "base/vector.h"

struct bisect {
    enum bisect_state state;
    size_t n;
    size_t *left; /* branches that are still in, in order */
    size_t left_count;
    size_t good, bad; /* the prefix of `good` branches passes, that of `bad` fails */
    size_t asked;     /* length of the prefix to test */
    size_t tests;
};

struct bisect *bisect_new(size_t n)
{
    struct bisect *b = MEM_NEW(struct bisect);

    b->n = n;
    b->left = mem_resize(NULL, n, sizeof *b->left);
    b->left_count = b->bad = n;
    for (size_t i = 0; i < n; i++)
        b->left[i] = i;
    return b;
}

void bisect_free(struct bisect *b)
{
    if (!b)
        return;
    free(b->left);
    free(b);
}

enum bisect_state bisect_state(const struct bisect *b)
{
    return b->state;
}

void bisect_subset(const struct bisect *b, bool *ret_in)
{
    size_t count = b->state == BISECT_TEST ? b->asked : b->left_count;

    for (size_t i = 0; i < b->n; i++)
        ret_in[i] = false;
    for (size_t i = 0; i < count; i++)
        ret_in[b->left[i]] = true;
}

/* Leaves out the last branch of the shortest prefix that fails. */
static void leave_out(struct bisect *b)
{
    for (size_t i = b->bad; i < b->left_count; i++)
        b->left[i - 1] = b->left[i];
    b->left_count--;
    b->asked = b->left_count;
    /* If it was the last one, what is left is the prefix that is known to pass. */
    if (b->good == b->left_count)
        b->state = BISECT_DONE;
}

void bisect_answer(struct bisect *b, bool good)
{
    if (b->state != BISECT_TEST)
        bug("an answer to a search that has ended");
    b->tests++;
    if (b->tests == 1 && !good) {
        b->state = BISECT_BASE;
        return;
    }
    if (good && b->asked == b->left_count) {
        b->state = BISECT_DONE;
        return;
    }
    if (good)
        b->good = b->asked;
    else
        b->bad = b->asked;
    if (b->bad - b->good > 1)
        b->asked = b->good + (b->bad - b->good) / 2;
    else
        leave_out(b);
}

size_t bisect_tests(const struct bisect *b)
{
    return b->tests;
}
