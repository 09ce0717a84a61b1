/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void reserve(struct text *t, size_t more)
{
    size_t need = t->length + more + 1;

    if (need <= t->capacity)
        return;
    size_t capacity = t->capacity ? t->capacity : 32;
    while (capacity < need)
        capacity *= 2;
    t->data = mem_resize(t->data, capacity, 1);
    t->capacity = capacity;
}

void text_add_n(struct text *t, const char *s, size_t length)
{
    reserve(t, length);
    if (length)
        memcpy(t->data + t->length, s, length);
    t->length += length;
    t->data[t->length] = '\0';
}

void text_add(struct text *t, const char *s)
{
    text_add_n(t, s, strlen(s));
}

void text_add_char(struct text *t, char c)
{
    text_add_n(t, &c, 1);
}

void text_vprintf(struct text *t, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    reserve(t, 80);
    int n = vsnprintf(t->data + t->length, t->capacity - t->length, format, args);
    if (n < 0)
        bug("vsnprintf failed on '%s'", format);
    if ((size_t)n >= t->capacity - t->length) {
        reserve(t, (size_t)n);
        (void)vsnprintf(t->data + t->length, t->capacity - t->length, format, again);
    }
    va_end(again);
    t->length += (size_t)n;
}

void text_add_usd(struct text *t, double usd)
{
    enum { CENTS_FROM = 100 };

    if (usd < CENTS_FROM)
        text_printf(t, "%.4g USD", usd);
    else
        text_printf(t, "%.2f USD", usd);
}

void text_printf(struct text *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_vprintf(t, format, args);
    va_end(args);
}

static bool plain_word(const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_-./:@%+,=";

    return *word && strspn(word, safe) == strlen(word);
}

void text_add_quoted(struct text *t, const char *word)
{
    if (plain_word(word)) {
        text_add(t, word);
        return;
    }
    text_add_char(t, '\'');
    for (const char *p = word; *p; p++) {
        if (*p == '\'')
            text_add(t, "'\\''");
        else
            text_add_char(t, *p);
    }
    text_add_char(t, '\'');
}

void text_cut(struct text *t, size_t length)
{
    if (length > t->length)
        bug("text of %zu bytes cut at %zu", t->length, length);
    t->length = length;
    if (t->data)
        t->data[length] = '\0';
}

void text_clear(struct text *t)
{
    text_cut(t, 0);
}

void text_free(struct text *t)
{
    free(t->data);
    *t = (struct text){0};
}

char *text_take(struct text *t)
{
    char *data = t->data ? t->data : mem_string("");

    *t = (struct text){0};
    return data;
}

const char *text_get(const struct text *t)
{
    return t->data ? t->data : "";
}

char *text_vformat(const char *format, va_list args)
{
    struct text t = {0};

    text_vprintf(&t, format, args);
    return text_take(&t);
}

char *text_format(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *s = text_vformat(format, args);
    va_end(args);
    return s;
}

bool text_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s), m = strlen(suffix);

    return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_same_nocase(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

bool text_to_int64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
    char *end;

    if (!isdigit((unsigned char)s[0]) && !(s[0] == '-' && isdigit((unsigned char)s[1])))
        return false;
    errno = 0;
    long long value = strtoll(s, &end, 10);
    if (errno || *end || value < min || value > max)
        return false;
    *ret = value;
    return true;
}

bool text_to_double(const char *s, double *ret)
{
    char *end;

    if (!*s || strspn(s, "+-.0123456789eE") != strlen(s))
        return false;
    errno = 0;
    double value = strtod(s, &end);
    if (errno || *end || !isfinite(value))
        return false;
    *ret = value;
    return true;
}

/* Table 3-7 of The Unicode Standard: lead byte, allowed second byte, continuation bytes. */
static const struct {
    unsigned char first, last, low, high, more;
} utf8_rows[] = {
    {0x00, 0x7F, 0x80, 0xBF, 0}, {0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2},
    {0xE1, 0xEC, 0x80, 0xBF, 2}, {0xED, 0xED, 0x80, 0x9F, 2}, {0xEE, 0xEF, 0x80, 0xBF, 2},
    {0xF0, 0xF0, 0x90, 0xBF, 3}, {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3},
};

static size_t utf8_sequence(const unsigned char *s, size_t left)
{
    for (size_t r = 0; r < COUNT_OF(utf8_rows); r++) {
        if (s[0] < utf8_rows[r].first || s[0] > utf8_rows[r].last)
            continue;
        size_t more = utf8_rows[r].more;
        if (more >= left)
            return 0;
        for (size_t i = 1; i <= more; i++) {
            unsigned char low = i == 1 ? utf8_rows[r].low : 0x80;
            unsigned char high = i == 1 ? utf8_rows[r].high : 0xBF;
            if (s[i] < low || s[i] > high)
                return 0;
        }
        return more + 1;
    }
    return 0;
}

size_t text_utf8_next(const char *s, size_t length, uint32_t *ret_point)
{
    static const unsigned char lead_bits[] = {0x7F, 0x1F, 0x0F, 0x07};
    const unsigned char *bytes = (const unsigned char *)s;
    size_t n = length ? utf8_sequence(bytes, length) : 0;

    if (!n)
        return 0;
    uint32_t point = bytes[0] & lead_bits[n - 1];
    for (size_t i = 1; i < n; i++)
        point = point << 6 | (bytes[i] & 0x3F);
    *ret_point = point;
    return n;
}

size_t text_utf8_valid(const char *s, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)s;
    size_t at = 0;

    while (at < length) {
        size_t n = utf8_sequence(bytes + at, length - at);
        if (!n)
            break;
        at += n;
    }
    return at;
}

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;

    return ab < c ? ab : c;
}

enum { DISTANCE_WORD_MAX = 63 };

unsigned text_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    unsigned rows[3][DISTANCE_WORD_MAX + 1];

    if (n > DISTANCE_WORD_MAX || m > DISTANCE_WORD_MAX)
        return UINT_MAX;
    for (unsigned j = 0; j <= m; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= n; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (unsigned j = 1; j <= m; j++) {
            unsigned cost = lower(a[i - 1]) != lower(b[j - 1]);
            now[j] = smallest(before[j] + 1, now[j - 1] + 1, before[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = smallest(now[j], now[j], earlier[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

const char *text_nearest(const char *word, const char *const *words, size_t count)
{
    const char *best = NULL;
    unsigned best_distance = UINT_MAX;

    for (size_t i = 0; i < count; i++) {
        unsigned distance = text_distance(word, words[i]);
        if (distance < best_distance && distance <= (strlen(words[i]) + 2) / 3) {
            best = words[i];
            best_distance = distance;
        }
    }
    return best;
}
