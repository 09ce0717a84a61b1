/* SPDX-License-Identifier: Apache-2.0 */
/* Checking and expanding agree, a fault leaves no text behind, and where no variable is used a
 * command stays as it is but for its escapes. */
#include "core/template.h"

#include <string.h>

static const char *const names[] = {"item", "steps.*.summary"};

static const char *look_up(void *context, const char *name)
{
    (void)context;
    if (strcmp(name, "item") == 0)
        return "'\"$(x)`";
    /* As the scope has it: any one segment between the other two. */
    size_t length = strlen(name);
    if (length < sizeof "steps..summary" || strncmp(name, "steps.", 6) != 0 ||
        strcmp(name + length - 8, ".summary") != 0 || memchr(name + 6, '.', length - 14))
        return NULL;
    return "done";
}

static void compare(const char *text, bool command)
{
    struct template_scope scope = {.names = names, .count = COUNT_OF(names), .command = command};
    struct template_values values = {
        .lookup = look_up, .names = names, .count = COUNT_OF(names), .command = command};
    AUTO_FAULT f = {0};
    AUTO_FAULT g = {0};
    AUTO_TEXT out = {0};
    int checked = template_check(text, &scope, &f);
    int expanded = template_expand(text, &values, &out, &g);

    if (checked != expanded || (checked < 0 && strcmp(f.message, g.message) != 0))
        bug("checked: %s; expanded: %s", f.message ? f.message : "fine",
            g.message ? g.message : "fine");
    if (expanded < 0 && out.length)
        bug("text in spite of a fault");
    if (expanded == 0 && !strstr(text, "{{") && strcmp(text_get(&out), text) != 0)
        bug("'%s' became '%s'", text, text_get(&out));
    if (expanded == 0 && !template_uses(text, NULL) && strstr(text_get(&out), "$(x)") &&
        !strstr(text, "$(x)"))
        bug("a value came from nowhere");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = mem_string_n((const char *)data, size);

    compare(text, false);
    compare(text, true);
    return 0;
}
