/* SPDX-License-Identifier: Apache-2.0 */
#include "describe.h"

#define START                                                                                 \
    "{\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":5," \
    "\"cache_read_input_tokens\":20,\"cache_creation_input_tokens\":3,\"output_tokens\":1}}}\n"
#define BLOCK(i, block) \
    "{\"type\":\"content_block_start\",\"index\":" i ",\"content_block\":" block "}\n"
#define DELTA(i, delta) "{\"type\":\"content_block_delta\",\"index\":" i ",\"delta\":" delta "}\n"
#define STOP(i) "{\"type\":\"content_block_stop\",\"index\":" i "}\n"
#define END(reason)                                                           \
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason "\"}," \
    "\"usage\":{\"output_tokens\":9}}\n{\"type\":\"message_stop\"}\n"
#define TEXT(i, text)                             \
    BLOCK(i, "{\"type\":\"text\",\"text\":\"\"}") \
    DELTA(i, "{\"type\":\"text_delta\",\"text\":\"" text "\"}") STOP(i)

static const struct {
    const char *what, *events, *said;
    bool whole;
} cases[] = {
    {"text", START TEXT("0", "a") END("end_turn"), "a|done|5+23>9(0)"},
    {"more tokens than there are",
     "{\"type\":\"message_delta\",\"usage\":{\"input_tokens\":9223372036854775807,"
     "\"cache_read_input_tokens\":9223372036854775807,\"cache_creation_input_tokens\":1}}\n",
     "|cut|1000000000000+1000000000001>0(0)"},
    {"no end", START TEXT("0", "a"), "a|cut|5+23>1(0)"},
    {"an end without a reason", START TEXT("0", "a") "{\"type\":\"message_stop\"}\n",
     "a|done|5+23>1(0)"},
    {"pings and types that nobody knows",
     "{\"type\":\"ping\"}\n" START "{\"type\":\"news\",\"x\":1}\n" TEXT("0", "a") BLOCK(
         "1", "{\"type\":\"sound\"}") DELTA("1", "{\"type\":\"noise\"}") STOP("1") END("end_turn"),
     "a|done|5+23>9(0)"},
    {"calls",
     START TEXT("0", "a") BLOCK("1", "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\","
                                     "\"input\":{}}")
         DELTA("1", "{\"type\":\"input_json_delta\",\"partial_json\":\"\"}")
             DELTA("1", "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"k\\\":\"}")
                 DELTA("1", "{\"type\":\"input_json_delta\",\"partial_json\":\"1}\"}") STOP("1")
                     BLOCK("2", "{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"g\"}") STOP("2")
                         END("tool_use"),
     "a|calls|5+23>9(0)|t1 f {\"k\":1}|t2 g {}"},
    {"a call whose input comes whole",
     START BLOCK("0", "{\"type\":\"tool_use\",\"id\":\"\",\"name\":\"f\",\"input\":{\"k\":2}}")
         STOP("0") END("tool_use"),
     "|calls|5+23>9(0)|kelp_call_1 f {\"k\":2}"},
    {"thinking goes back as it came",
     START BLOCK("0", "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}")
         DELTA("0", "{\"type\":\"thinking_delta\",\"thinking\":\"h\"}")
             DELTA("0", "{\"type\":\"thinking_delta\",\"thinking\":\"m\"}")
                 DELTA("0", "{\"type\":\"signature_delta\",\"signature\":\"S\"}") STOP("0")
                     BLOCK("1", "{\"type\":\"redacted_thinking\",\"data\":\"D\"}") STOP("1")
                         TEXT("2", "a") END("end_turn"),
     "a|done|5+23>9(0)|[{\"signature\":\"S\",\"thinking\":\"hm\",\"type\":\"thinking\"},"
     "{\"data\":\"D\",\"type\":\"redacted_thinking\"}]"},
    {"cut at its length", START TEXT("0", "a") END("max_tokens"), "a|length|5+23>9(0)"},
    {"refused", START TEXT("0", "a") END("refusal"), "a|refused|5+23>9(0)"},
    {"the window is full", START END("model_context_window_exceeded"), "|context|5+23>9(0)"},
    {"overloaded in the middle",
     START BLOCK("0", "{\"type\":\"text\",\"text\":\"a\"}") "{\"type\":\"error\",\"error\":{"
                                                            "\"type\":\"overloaded_error\","
                                                            "\"message\":\"Overloaded\"}}\n",
     "a|cut|error overloaded_error: Overloaded|5+23>1(0)"},
    {"not streamed",
     "{\"type\":\"message\",\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
     "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}],\"stop_reason\":"
     "\"tool_use\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}\n",
     "a|calls|1+0>2(0)|t f {}", .whole = true},
    {"not streamed, an error", "{\"type\":\"error\",\"error\":{\"message\":\"no\"}}\n",
     "|cut|error no", .whole = true},
    {"wrong types",
     "{\"type\":5}\n{}\n" BLOCK("\"x\"", "[]") DELTA("{}", "7")
         STOP("null") "{\"type\":\"message_delta\",\"delta\":3,\"usage\":[]}\n",
     "|cut"},
};

Test(messages, streams)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *said = describe(&api_messages, cases[i].events, cases[i].whole);
        cr_expect_str_eq(said, cases[i].said, "%s: %s", cases[i].what, said);
    }
}

/* Results and what the user says next are one message; the last block and the instructions end what
 * the endpoint may keep. */
Test(messages, request)
{
    struct conversation c = {0};
    struct message m = {.role = MESSAGE_MODEL, .text = mem_string("")};
    struct message silent = {.role = MESSAGE_MODEL, .text = mem_string("")};
    json_auto_t *tools = json_array();
    struct ask ask = {.model = "M", .instructions = "I", .conversation = &c, .tools = tools};

    conversation_add_user(&c, "u");
    m.thinking = json_pack("[{s:s}]", "type", "thinking");
    vector_push(&m.calls, (struct call){mem_string("1"), mem_string("f"), json_object(), NULL});
    conversation_add(&c, &m);
    conversation_add_result(&c, "1", "r", true);
    conversation_add_user(&c, "v");
    conversation_add(&c, &silent);
    conversation_add_user(&c, "w");
    json_auto_t *request = api_messages.request(&ask);
    AUTO_FREE char *text = json_text(request, 0);
    cr_assert_str_eq(
        text, "{\"max_tokens\":8192,\"messages\":["
              "{\"content\":[{\"text\":\"u\",\"type\":\"text\"}],\"role\":\"user\"},"
              "{\"content\":[{\"type\":\"thinking\"},{\"id\":\"1\",\"input\":{},\"name\":\"f\","
              "\"type\":\"tool_use\"}],\"role\":\"assistant\"},"
              "{\"content\":[{\"content\":\"r\",\"is_error\":true,\"tool_use_id\":\"1\","
              "\"type\":\"tool_result\"},{\"text\":\"v\",\"type\":\"text\"}],\"role\":\"user\"},"
              "{\"content\":[{\"text\":\"(nothing)\",\"type\":\"text\"}],\"role\":\"assistant\"},"
              "{\"content\":[{\"cache_control\":{\"type\":\"ephemeral\"},\"text\":\"w\","
              "\"type\":\"text\"}],\"role\":\"user\"}],"
              "\"model\":\"M\",\"stream\":true,\"system\":[{\"cache_control\":{\"type\":"
              "\"ephemeral\"},\"text\":\"I\",\"type\":\"text\"}]}");
    conversation_free(&c);
}
