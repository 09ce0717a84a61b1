/* SPDX-License-Identifier: Apache-2.0 */
#include "model/conversation.h"
#include "model/session.h"
#include "temp_dir.h"

#include <string.h>

static const struct {
    const char *list;
    bool good;
} cases[] = {
    {"[]", true},
    {"[{\"role\":\"user\",\"text\":\"a\"}]", true},
    {"[{\"role\":\"user\"},{\"role\":\"model\",\"calls\":[{\"id\":\"1\",\"name\":\"f\","
     "\"arguments\":{}}]},{\"role\":\"tool\",\"call_id\":\"1\",\"failed\":true}]",
     true},
    {"[{\"role\":\"model\",\"calls\":[{\"id\":\"1\"},{\"id\":\"2\"}]},"
     "{\"role\":\"tool\",\"call_id\":\"1\"},{\"role\":\"tool\",\"call_id\":\"2\"},"
     "{\"role\":\"user\"}]",
     true},
    /* A result is missing, is the wrong one, is one too many, or answers nothing. */
    {"[{\"role\":\"model\",\"calls\":[{\"id\":\"1\"}]}]", false},
    {"[{\"role\":\"model\",\"calls\":[{\"id\":\"1\"}]},{\"role\":\"user\"}]", false},
    {"[{\"role\":\"model\",\"calls\":[{\"id\":\"1\"}]},{\"role\":\"tool\",\"call_id\":\"2\"}]",
     false},
    {"[{\"role\":\"model\",\"calls\":[{\"id\":\"1\"}]},{\"role\":\"tool\",\"call_id\":\"1\"},"
     "{\"role\":\"tool\",\"call_id\":\"1\"}]",
     false},
    {"[{\"role\":\"tool\",\"call_id\":\"1\"}]", false},
    {"[{\"role\":\"tool\"}]", false},
    {"[{\"role\":\"king\"}]", false},
    {"[5]", false},
    {"{}", false},
};

Test(conversation, read)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_auto_t *list = json_loads(cases[i].list, 0, NULL);
        struct conversation c = {0};
        AUTO_FAULT f = {0};
        cr_assert_not_null(list);
        int r = conversation_read(list, &c, &f);
        cr_expect_eq(r, cases[i].good ? 0 : -FAULT_FORMAT, "%s", cases[i].list);
        conversation_free(&c);
    }
}

Test(session, comes_back)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    char id[SESSION_ID_BYTES], other[SESSION_ID_BYTES];
    struct conversation c = {0}, again = {0};
    struct message m = {.role = MESSAGE_MODEL, .text = mem_string("t")};
    AUTO_FAULT f = {0};

    session_new_id(id);
    session_new_id(other);
    cr_assert_str_neq(id, other);
    conversation_add_user(&c, "a \xff b");
    m.thinking = json_pack("[{s:s}]", "signature", "S");
    vector_push(&m.calls, (struct call){mem_string("1"), mem_string("f"), NULL, mem_string("{x")});
    conversation_add(&c, &m);
    conversation_add_result(&c, "1", "r", true);
    cr_assert_eq(session_save(dir, id, &c, &f), 0, "%s", f.message);
    cr_assert_eq(session_load(dir, id, &again, &f), 0, "%s", f.message);
    json_auto_t *before = conversation_json(&c);
    json_auto_t *after = conversation_json(&again);
    cr_assert(json_equal(before, after));
    cr_assert_eq(conversation_bytes(&c), conversation_bytes(&again));
    conversation_free(&c);
    conversation_free(&again);
}

Test(session, not_there_or_damaged)
{
    AUTO_TEMP_DIR char *dir = temp_dir_new();
    AUTO_FREE char *path = os_path(dir, "ab.json");
    struct conversation c = {0};
    static const char *const ids[] = {"", "nothing", "../ab", "a/b", ".", "A"};

    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        AUTO_FAULT f = {0};
        cr_assert_eq(session_load(dir, ids[i], &c, &f), -FAULT_NOT_FOUND, "%s", ids[i]);
    }
    static const struct {
        const char *content;
        int result;
    } files[] = {
        {"{\"version\":1,\"messages\":[{\"role\":\"tool\"}]}", -FAULT_CORRUPT},
        {"{\"version\":2,\"messages\":[]}", -FAULT_NEWER},
        {"{\"version\":1,\"mess", -FAULT_FORMAT},
        {"{\"version\":1,\"messages\":[]}", 0},
    };
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO_FAULT f = {0};
        cr_assert_eq(os_write_file(path, files[i].content, strlen(files[i].content), 0600, &f), 0);
        cr_assert_eq(session_load(dir, "ab", &c, &f), files[i].result, "%s", files[i].content);
    }
}
