/* SPDX-License-Identifier: Apache-2.0 */
/* What is read is within bounds, and reads the same again as it is written. */
#include "base/text.h"
#include "core/exec_id.h"

#include <string.h>

static void check_id(struct exec_id id)
{
    char out[EXEC_ID_TEXT_MAX];
    struct exec_id again;
    AUTO_FAULT f = {0};

    if (id.depth > EXEC_DEPTH_MAX)
        bug("depth %u", id.depth);
    for (uint32_t i = 0; i < id.depth; i++)
        if (!id.part[i])
            bug("a part is 0");
    exec_id_format(id, out);
    if (exec_id_parse(out, &again, &f) < 0 || !exec_id_same(id, again))
        bug("'%s' does not read back", out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_string_n((const char *)data, size);
    AUTO_FAULT f = {0};
    AUTO_FAULT g = {0};
    struct exec_id id;

    if (exec_id_parse(text, &id, &f) == 0)
        check_id(id);
    int n = exec_id_tag(text, &id, &g);
    if (n > 0)
        check_id(id);
    if (n > 0 && (size_t)n > strlen(text))
        bug("a tag of %d bytes", n);
    if (n < 0 && !g.message)
        bug("a fault without a message");
    return 0;
}
