/* SPDX-License-Identifier: Apache-2.0 */
#include "git/paths.h"

#include "base/vector.h"

#include <string.h>

void paths_add_n(struct paths *list, const char *path, size_t length)
{
    vector_push(list, mem_string_n(path, length));
}

void paths_add(struct paths *list, const char *path)
{
    paths_add_n(list, path, strlen(path));
}

void paths_add_nul(struct paths *list, const struct text *nul_ended)
{
    const char *at = text_get(nul_ended), *end = at + nul_ended->length;

    while (at < end) {
        size_t n = strlen(at);
        if (n)
            paths_add_n(list, at, n);
        at += n + 1;
    }
}

void paths_add_all(struct paths *list, const struct paths *more)
{
    for (size_t i = 0; i < more->count; i++)
        paths_add(list, more->at[i]);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void paths_sort(struct paths *list)
{
    size_t kept = 0;

    if (!list->count)
        return;
    qsort(list->at, list->count, sizeof *list->at, compare);
    for (size_t i = 1; i < list->count; i++) {
        if (strcmp(list->at[kept], list->at[i]) == 0)
            free(list->at[i]);
        else
            list->at[++kept] = list->at[i];
    }
    list->count = kept + 1;
}

bool paths_has(const struct paths *list, const char *path)
{
    return list->count && bsearch(&path, list->at, list->count, sizeof *list->at, compare);
}

bool paths_covers(const struct paths *list, const char *path)
{
    AUTO_FREE char *part = mem_string(path);

    if (paths_has(list, path))
        return true;
    for (char *slash = strrchr(part, '/'); slash; slash = strrchr(part, '/')) {
        *slash = '\0';
        if (paths_has(list, part))
            return true;
    }
    return false;
}

void paths_minus(const struct paths *a, const struct paths *b, struct paths *ret)
{
    for (size_t i = 0; i < a->count; i++)
        if (!paths_has(b, a->at[i]))
            paths_add(ret, a->at[i]);
}

void paths_put_nul(const struct paths *list, struct text *out)
{
    for (size_t i = 0; i < list->count; i++)
        text_add_n(out, list->at[i], strlen(list->at[i]) + 1);
}

void path_quote_line(struct text *out, const char *path)
{
    text_add_char(out, '"');
    for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
        if (*p < ' ' || *p == '"' || *p == '\\' || *p >= 0x7F)
            text_printf(out, "\\%03o", *p);
        else
            text_add_char(out, (char)*p);
    }
    text_add(out, "\"\n");
}

void paths_free(struct paths *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->at[i]);
    vector_free(list);
}
