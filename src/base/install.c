/* SPDX-License-Identifier: Apache-2.0 */
#include "base/install.h"

#include "base/os.h"
#include "base/text.h"

static int find(const char *installed, const char *name, char **ret_path, struct fault *f)
{
    /* An installation has nothing at the first two places, a build folder nothing at the others;
     * the last is for programs that lie in libexec/kelp themselves. */
    AUTO_FREE char *above = text_format("../%s", installed);
    const char *const places[] = {"", "../", installed, above};
    AUTO_FREE char *dir = NULL;

    int r = os_program_dir(&dir, f);
    if (r < 0)
        return r;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        AUTO_FREE char *path = text_format("%s/%s%s", dir, places[i], name);
        if (!os_exists(path))
            continue;
        *ret_path = path;
        path = NULL;
        return 0;
    }
    r = fault_set(f, FAULT_ENVIRONMENT, "'%s' is missing: neither in '%s' nor in '%s/%s'", name,
                  dir, dir, installed);
    fault_hint(f, "install kelp again, or run it from its build folder");
    return r;
}

int install_program(const char *name, char **ret_path, struct fault *f)
{
    return find("../libexec/kelp/", name, ret_path, f);
}

int install_data(const char *name, char **ret_path, struct fault *f)
{
    return find("../share/kelp/", name, ret_path, f);
}
