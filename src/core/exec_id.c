/* SPDX-License-Identifier: Apache-2.0 */
#include "core/exec_id.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char prefix[] = "ORG_";

/* Reads a number without sign or leading zero trouble; returns the digits read, 0 if none fit. */
static size_t read_number(const char *s, uint32_t *ret)
{
    uint64_t value = 0;
    size_t n = 0;

    for (; s[n] >= '0' && s[n] <= '9'; n++) {
        value = value * 10 + (uint64_t)(s[n] - '0');
        if (value > UINT32_MAX)
            return 0;
    }
    *ret = (uint32_t)value;
    return n;
}

static int malformed(const char *s, size_t length, const char *why, struct fault *f)
{
    int r = fault_set(f, FAULT_USAGE, "'%.*s' is not an execution ID: %s", (int)length, s, why);

    fault_hint(f, "an execution ID reads ORG_4729, ORG_4729.1 or ORG_4729.1.1");
    return r;
}

/* Reads an ID at the head of `s`; returns its length or a fault. */
static int parse_head(const char *s, size_t shown, struct exec_id *ret, struct fault *f)
{
    struct exec_id id = {0};
    const char *p = s + strlen(prefix);

    if (!text_starts(s, prefix))
        return malformed(s, shown, "it does not start with ORG_", f);
    size_t digits = read_number(p, &id.root);
    if (digits < 4)
        return malformed(s, shown, "the number needs four or more digits, up to 4294967295", f);
    for (p += digits; *p == '.'; p += digits) {
        uint32_t part;
        p++;
        digits = read_number(p, &part);
        if (!digits || !part || *p == '0')
            return malformed(s, shown, "after each dot stands a number from 1", f);
        if (id.depth == EXEC_DEPTH_MAX)
            return malformed(s, shown, "it has three or more dots and depth 2 is the deepest", f);
        id.part[id.depth++] = part;
    }
    *ret = id;
    return (int)(p - s);
}

int exec_id_parse(const char *s, struct exec_id *ret, struct fault *f)
{
    struct exec_id id;
    size_t length = strlen(s);
    int n = parse_head(s, length, &id, f);

    if (n < 0)
        return n;
    if (s[n])
        return malformed(s, length, "something follows the number", f);
    *ret = id;
    return 0;
}

void exec_id_format(struct exec_id id, char out[EXEC_ID_TEXT_MAX])
{
    int n = snprintf(out, EXEC_ID_TEXT_MAX, "%s%04u", prefix, id.root);

    for (uint32_t i = 0; i < id.depth && i < EXEC_DEPTH_MAX; i++)
        n += snprintf(out + n, (size_t)(EXEC_ID_TEXT_MAX - n), ".%u", id.part[i]);
}

struct exec_id exec_id_root(uint32_t number)
{
    return (struct exec_id){.root = number};
}

struct exec_id exec_id_child(struct exec_id id, uint32_t n)
{
    if (id.depth >= EXEC_DEPTH_MAX)
        bug("a child below depth %d", EXEC_DEPTH_MAX);
    id.part[id.depth++] = n;
    return id;
}

bool exec_id_same(struct exec_id a, struct exec_id b)
{
    if (a.root != b.root || a.depth != b.depth)
        return false;
    for (uint32_t i = 0; i < a.depth; i++)
        if (a.part[i] != b.part[i])
            return false;
    return true;
}

int exec_id_tag(const char *text, struct exec_id *ret, struct fault *f)
{
    static const char open[] = "[EXEC_ID:";
    const char *p = text + strspn(text, " \t\r\n");

    if (!text_starts(p, open))
        return 0;
    p += strlen(open);
    p += strspn(p, " \t");
    int n = parse_head(p, strcspn(p, "]\r\n"), ret, f);
    if (n < 0)
        return n;
    const char *end = p + n + strspn(p + n, " \t");
    if (*end != ']')
        return malformed(p, strcspn(p, "]\r\n"), "the tag does not end with ']' behind it", f);
    end++;
    end += strspn(end, " \t\r\n");
    return (int)(end - text);
}
