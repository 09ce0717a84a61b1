/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/brief.h"

#include "agent/find.h"

struct strings brief_names(const struct roster *roster, struct arena *a)
{
    struct strings names = {arena_array(a, roster->count + 1, sizeof *names.at), 0};

    for (size_t i = 0; i < roster->count; i++)
        if (find_usable(&roster->at[i]))
            names.at[names.count++] = roster->names[i];
    return names;
}

const char *brief_drivers(const struct roster *roster, struct arena *a)
{
    AUTO_TEXT out = {0};

    for (size_t i = 0; i < roster->count && i < BRIEF_LINES_MAX; i++)
        if (find_usable(&roster->at[i]))
            text_printf(&out, "- %s: %s\n", roster->names[i], roster->at[i].driver->what);
    return arena_string(a, text_get(&out));
}

const char *brief_roles(const struct roles *roles, struct arena *a)
{
    AUTO_TEXT out = {0};

    for (size_t i = 0; i < roles->count && i < BRIEF_LINES_MAX; i++)
        text_printf(&out, "- %s: %s\n", roles->at[i].name, roles->at[i].description);
    return arena_string(a, text_get(&out));
}

const char *brief_history(const struct history *h, struct arena *a)
{
    AUTO_TEXT out = {0};

    for (size_t i = 0; h && i < h->count && i < BRIEF_LINES_MAX; i++)
        if (h->at[i].kind == WORK_MODEL)
            text_printf(&out, "- %s: %.1f minutes (%zu agent%s)\n", h->at[i].role, h->at[i].minutes,
                        h->at[i].count, h->at[i].count == 1 ? "" : "s");
    return arena_string(a, text_get(&out));
}
