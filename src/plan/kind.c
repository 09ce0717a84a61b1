/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/kind.h"

#include "base/os.h"

enum plan_file_kind plan_file_kind(const char *argument)
{
    if (text_ends(argument, ".md"))
        return PLAN_FILE_MISSION;
    if (text_ends(argument, ".yaml") || text_ends(argument, ".yml"))
        return PLAN_FILE_YAML;
    return os_exists(argument) && !os_is_dir(argument) ? PLAN_FILE_YAML : PLAN_FILE_NONE;
}
