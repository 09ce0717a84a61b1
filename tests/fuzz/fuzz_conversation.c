/* SPDX-License-Identifier: Apache-2.0 */
/* A session file that is read back, and a schema with a value: the input is JSON with `messages`,
 * `schema` and `value`. A conversation that is read is written to one that reads as the same. */
#include "model/conversation.h"
#include "model/schema.h"
#include "model/trim.h"

static void check_conversation(const json_t *list)
{
    struct conversation c = {0}, again = {0};
    AUTO_FAULT f = {0};

    if (conversation_read(list, &c, &f) < 0)
        return;
    json_auto_t *first = conversation_json(&c);
    if (!first || conversation_read(first, &again, &f) < 0)
        bug("a conversation that is none: %s", f.message);
    json_auto_t *second = conversation_json(&again);
    if (!json_equal(first, second))
        bug("a conversation changed on its way");
    (void)trim_to(&again, conversation_bytes(&again) / 2); /* whether it can does not matter */
    conversation_free(&c);
    conversation_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *input = NULL;
    AUTO_FAULT f = {0}, misfit = {0};

    if (json_parse((const char *)data, size, "input", &input, &f) < 0)
        return 0;
    check_conversation(json_object_get(input, "messages"));
    const json_t *schema = json_object_get(input, "schema");
    const json_t *value = json_object_get(input, "value");
    if (schema && value && schema_check(schema, value, &misfit) < 0 && misfit.code != FAULT_FORMAT)
        bug("refused for another reason: %s", misfit.message);
    return 0;
}
