/* SPDX-License-Identifier: Apache-2.0 */
/* Roles of Codex in TOML: read, or refused with a place and a hint. */
#include "plan/role.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    struct role role;

    if (role_parse(&(struct source){text, size, "agents/role.toml"}, &a, &role, &f) == 0) {
        if (!*role.name || !role.prompt || !role.model || !role.description)
            bug("a role with holes");
    } else if (!f.message || !f.hint || !f.line || !f.column) {
        bug("a fault without a place or a hint: %s", f.message);
    }
    return 0;
}
