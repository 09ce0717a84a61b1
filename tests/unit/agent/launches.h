/* SPDX-License-Identifier: Apache-2.0 */
/* What a driver makes of a request, as text that a table of tests can have. */
#ifndef KELP_TEST_LAUNCHES_H
#define KELP_TEST_LAUNCHES_H

#include "agent/driver.h"
#include "base/os.h"
#include "temp_dir.h"

#include <criterion/criterion.h>
#include <string.h>

/* The user's variables, "NAME=value", NULL-terminated. */
static inline const char *launch_get(void *context, const char *name)
{
    size_t length = strlen(name);

    for (const char *const *at = context; *at; at++)
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
            return *at + length + 1;
    return NULL;
}

/* Right for most tests; the caller changes what its case is about. */
static inline struct driver_request launch_request(const char *const *variables)
{
    return (struct driver_request){
        .program = "/bin/agent",
        .model = "",
        .base_url = "",
        .prompt = "do it",
        .prompt_file = "/run/a/prompt.md",
        .dir = "/run/a",
        .home = "/run/homes/I1",
        .work = "/copy",
        .user_home = "/nobody",
        .session = "",
        .schema = "",
        .environment = {launch_get, (void *)variables},
    };
}

static inline void launch_prepare(const char *name, const struct driver_request *q, struct arena *a,
                                  struct driver_launch *ret)
{
    AUTO_FAULT f = {0};
    const struct driver *d = driver_builtin_find(name);

    cr_assert_not_null(d);
    cr_assert_eq(d->prepare(d, q, a, ret, &f), 0, "%s", f.message);
}

/* Its words behind the program, with a space between them. */
static inline char *launch_line(const struct driver_launch *l)
{
    AUTO_TEXT words = {0};

    for (size_t i = 1; l->argv[i]; i++) {
        text_add(&words, i > 1 ? " " : "");
        text_add(&words, l->argv[i]);
    }
    return text_take(&words);
}

static inline bool launch_has(const struct strings *list, const char *entry)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->at[i], entry) == 0)
            return true;
    return false;
}

static inline const struct driver_file *launch_file_at(const struct driver_launch *l,
                                                       const char *path)
{
    for (size_t i = 0; i < l->file_count; i++)
        if (strcmp(l->files[i].path, path) == 0)
            return &l->files[i];
    return NULL;
}

#endif
