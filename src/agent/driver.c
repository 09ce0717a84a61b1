/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/driver.h"

#include "agent/builtin.h"
#include "agent/model.h"

#include <string.h>

static const struct driver *const drivers[] = {
    &driver_claude, &driver_codex, &driver_gemini, &driver_opencode, &driver_model,
};

const struct driver *driver_builtin(size_t i)
{
    return i < COUNT_OF(drivers) ? drivers[i] : NULL;
}

const struct driver *driver_builtin_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(drivers); i++)
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    return NULL;
}
