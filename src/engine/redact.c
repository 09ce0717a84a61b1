/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/redact.h"

#include "base/json.h"
#include "base/os.h"
#include "process/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATTERNS_MAX = 64, BLOCK_BYTES = 256 * 1024, TAIL_MAX = 512 };

struct redact_pattern {
    const char *start;
    size_t length;
    size_t more_min; /* bytes of `letters` that have to follow; 0: `start` is all of it */
    const char *letters;
};

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define WORD UPPER "abcdefghijklmnopqrstuvwxyz" DIGITS

/* As the makers of the keys describe them. The lengths are a good deal below those of real ones and
 * above those of any word: "task-list" has the beginning of a key in it. */
static const struct redact_pattern shapes[] = {
    {.start = "sk-", .more_min = 40, .letters = WORD}, /* OpenAI's first keys, and imitations */
    {.start = "sk-proj-", .more_min = 32, .letters = WORD "-_"},
    {.start = "sk-svcacct-", .more_min = 32, .letters = WORD "-_"},
    {.start = "sk-admin-", .more_min = 32, .letters = WORD "-_"},
    {.start = "sk-ant-", .more_min = 32, .letters = WORD "-_"},
    {.start = "sk-or-v1-", .more_min = 32, .letters = WORD},
    {.start = "AIza", .more_min = 35, .letters = WORD "-_"}, /* Google */
    {.start = "ghp_", .more_min = 36, .letters = WORD},
    {.start = "gho_", .more_min = 36, .letters = WORD},
    {.start = "ghu_", .more_min = 36, .letters = WORD},
    {.start = "ghs_", .more_min = 36, .letters = WORD},
    {.start = "ghr_", .more_min = 36, .letters = WORD},
    {.start = "github_pat_", .more_min = 22, .letters = WORD "_"},
    {.start = "glpat-", .more_min = 20, .letters = WORD "-_"},
    {.start = "npm_", .more_min = 36, .letters = WORD},
    {.start = "hf_", .more_min = 30, .letters = WORD},
    {.start = "xoxb-", .more_min = 20, .letters = WORD "-"},
    {.start = "xoxp-", .more_min = 20, .letters = WORD "-"},
    {.start = "AKIA", .more_min = 16, .letters = UPPER DIGITS},
};

static void add(struct redact_pattern *list, size_t *count, const char *value)
{
    size_t length = strlen(value);

    if (length < REDACT_VALUE_MIN || *count == PATTERNS_MAX)
        return;
    list[(*count)++] = (struct redact_pattern){
        .start = value, .length = length < REDACT_VALUE_MAX ? length : REDACT_VALUE_MAX};
}

/* The value as it stands inside a string of JSON. */
static const char *in_json(const char *value, struct arena *a)
{
    json_auto_t *string = json_string(value);
    AUTO_FREE char *text = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

    return text ? arena_string_n(a, text + 1, strlen(text) - 2) : value;
}

void redact_init(struct redact *r, const struct strings *values, struct arena *a)
{
    struct redact_pattern *list = arena_array(a, PATTERNS_MAX, sizeof *list);
    size_t n = 0;

    *r = (struct redact){.at = list};
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        list[n] = shapes[i];
        list[n++].length = strlen(shapes[i].start);
    }
    for (size_t i = 0; i < values->count; i++) {
        const char *value = arena_string(a, values->at[i]);
        const char *escaped = in_json(value, a);
        add(list, &n, value);
        if (strcmp(escaped, value) != 0)
            add(list, &n, escaped);
    }
    r->count = n;
    for (size_t i = 0; i < n; i++)
        r->starts[(unsigned char)list[i].start[0]] |= UINT64_C(1) << i;
}

/* How many bytes at the start of s[0..length) match; 0: none do. */
static size_t match(const struct redact_pattern *p, const char *s, size_t length)
{
    size_t more = 0;

    if (length < p->length + p->more_min || memcmp(s, p->start, p->length) != 0)
        return 0;
    if (!p->more_min)
        return p->length;
    while (p->length + more < length && more < TAIL_MAX && s[p->length + more] &&
           strchr(p->letters, s[p->length + more]))
        more++;
    return more < p->more_min ? 0 : p->length + more;
}

/* The longest of what matches there. */
static size_t match_any(const struct redact *r, const char *s, size_t length)
{
    uint64_t left = r->starts[(unsigned char)*s];
    size_t longest = 0;

    for (; left; left &= left - 1) {
        size_t n = match(&r->at[__builtin_ctzll(left)], s, length);
        longest = n > longest ? n : longest;
    }
    return longest;
}

/* What begins among the first `starts` bytes. */
static size_t redact_starts(const struct redact *r, char *bytes, size_t starts, size_t length)
{
    size_t found = 0;

    for (size_t at = 0; at < starts;) {
        size_t n = match_any(r, bytes + at, length - at);
        if (n) {
            memset(bytes + at, '*', n);
            found++;
        }
        at += n ? n : 1;
    }
    return found;
}

size_t redact_bytes(const struct redact *r, char *bytes, size_t length)
{
    return redact_starts(r, bytes, length, length);
}

/* A block with enough behind it for what begins at its end. */
struct window {
    int fd;
    char *bytes;
    off_t at, end;
};

enum { OVERLAP = REDACT_VALUE_MAX + TAIL_MAX };

/* One block; what begins in it and ends behind it is found in it. 0, or -errno. */
static int redact_window(const struct redact *r, struct window *w, size_t *found)
{
    off_t left = w->end - w->at;
    size_t wanted = left < BLOCK_BYTES + OVERLAP ? (size_t)left : BLOCK_BYTES + OVERLAP;
    ssize_t n = pread(w->fd, w->bytes, wanted, w->at);

    if (n <= 0)
        return n < 0 ? -errno : -EIO;
    size_t starts = n < BLOCK_BYTES ? (size_t)n : BLOCK_BYTES;
    size_t count = redact_starts(r, w->bytes, starts, (size_t)n);
    *found += count;
    if (count && pwrite(w->fd, w->bytes, (size_t)n, w->at) != n)
        return -EIO;
    w->at += (off_t)starts;
    return 0;
}

/* Stays out of what was cut from the middle: writing there would fill it. */
static int redact_pieces(const struct redact *r, int fd, off_t size, size_t *found)
{
    AUTO_FREE char *bytes = mem_alloc(BLOCK_BYTES + OVERLAP);
    struct window w = {.fd = fd, .bytes = bytes};
    uint64_t gap_start, gap_end;
    int status = 0;

    while (status == 0 && w.at < size) {
        bool gap = output_gap(fd, (uint64_t)w.at, &gap_start, &gap_end);
        w.end = gap && (off_t)gap_start < size ? (off_t)gap_start : size;
        while (status == 0 && w.at < w.end)
            status = redact_window(r, &w, found);
        if (gap && w.end < size)
            w.at = (off_t)gap_end;
    }
    return status;
}

/* A file with a second name may be somebody else's: what changes here would change there. */
static bool is_own(const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_nlink == 1;
}

int redact_file(const struct redact *r, const char *path, size_t *ret_found, struct fault *f)
{
    AUTO_CLOSE fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    struct stat st;
    size_t found = 0;
    int status = 0;

    if (fd < 0 && (errno == ENOENT || errno == ELOOP)) {
        *ret_found = 0;
        return 0;
    }
    if (fd < 0 || fstat(fd, &st) < 0)
        status = -errno;
    else if (is_own(&st))
        status = redact_pieces(r, fd, st.st_size, &found);
    if (status < 0)
        return fault_set(f, FAULT_SYSTEM, "cannot look for secrets in '%s': %s", path,
                         strerror(-status));
    *ret_found = found;
    return 0;
}
