/* SPDX-License-Identifier: Apache-2.0 */
#include "describe.h"

#define D(delta) "{\"choices\":[{\"index\":0,\"delta\":" delta "}]}\n"
#define F(reason) "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" reason "\"}]}\n"
#define CALL(rest) "{\"tool_calls\":[{" rest "}]}"

static const struct {
    const char *what, *events, *said;
    bool whole;
} cases[] = {
    {"a number after which none comes",
     D(CALL("\"index\":9223372036854775807,\"id\":\"c\",\"function\":{\"name\":\"a\"}"))
         D("{\"tool_calls\":[{\"id\":\"d\",\"function\":{\"name\":\"b\"}}]}") F("stop"),
     "|done|c a {}|d b {}"},
    {"more tokens than there are",
     "{\"choices\":[],\"usage\":{\"prompt_tokens\":9223372036854775807,"
     "\"completion_tokens\":9223372036854775807}}\n",
     "|cut|1000000000000+0>1000000000000(0)"},
    {"text in pieces",
     D("{\"role\":\"assistant\",\"content\":\"\"}") D("{\"content\":\"a\"}")
         D("{\"content\":\"b\"}") F("stop"),
     "ab|done"},
    {"content null", D("{\"role\":\"assistant\",\"content\":null}") F("stop"), "|done"},
    {"content as pieces", D("{\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}") F("stop"),
     "a|done"},
    {"no end", D("{\"content\":\"a\"}"), "a|cut"},
    {"cut at its length", D("{\"content\":\"a\"}") F("length"), "a|length"},
    {"filtered", D("{\"content\":\"a\"}") F("content_filter"), "a|refused"},
    {"refused", D("{\"refusal\":\"no\"}") F("stop"), "no|refused"},
    {"refused, and cut", D("{\"refusal\":\"no\"}"), "no|cut"},
    {"an end that nobody knows", F("eos"), "|done"},
    {"reasoning is no text",
     D("{\"reasoning_content\":\"hm\"}") D("{\"reasoning\":\"hm\"}") D("{\"content\":\"a\"}")
         F("stop"),
     "a|done"},
    {"a call in pieces",
     D(CALL("\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"read\",\"arguments\":\"\"}"))
         D(CALL("\"index\":0,\"function\":{\"arguments\":\"{\\\"path\\\":\"}"))
             D(CALL("\"index\":0,\"function\":{\"arguments\":\"\\\"x\\\"}\"}")) F("tool_calls"),
     "|calls|c1 read {\"path\":\"x\"}"},
    {"parallel calls, their pieces mixed",
     D(CALL("\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"a\",\"arguments\":\"{\"}"))
         D(CALL("\"index\":1,\"id\":\"c2\",\"function\":{\"name\":\"b\",\"arguments\":\"{\"}"))
             D(CALL("\"index\":0,\"function\":{\"arguments\":\"}\"}")) D(
                 CALL("\"index\":1,\"function\":{\"arguments\":\"\\\"k\\\":1}\"}")) F("tool_calls"),
     "|calls|c1 a {}|c2 b {\"k\":1}"},
    {"calls that end with stop",
     D(CALL("\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
         F("stop"),
     "|done|c1 a {}"},
    {"empty IDs, all numbered 0",
     D(CALL("\"index\":0,\"id\":\"\",\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
         D(CALL("\"index\":0,\"id\":\"\",\"function\":{\"name\":\"b\",\"arguments\":\"{}\"}"))
             F("tool_calls"),
     "|calls|kelp_call_1 a {}|kelp_call_2 b {}"},
    {"many calls, all numbered 0",
     D(CALL("\"index\":0,\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
         D(CALL("\"index\":0,\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
             D(CALL("\"index\":0,\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
                 D(CALL("\"index\":0,\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
                     D(CALL("\"index\":0,\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
                         D(CALL("\"index\":0,\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
                             F("tool_calls"),
     "|calls|kelp_call_1 a {}|kelp_call_2 a {}|kelp_call_3 a {}|kelp_call_4 a {}|kelp_call_5 a "
     "{}|kelp_call_6 a {}"},
    {"other IDs, all numbered 0",
     D(CALL("\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
         D(CALL("\"index\":0,\"id\":\"y\",\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
             F("tool_calls"),
     "|calls|x a {}|y a {}"},
    {"the same ID twice",
     D(CALL("\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
         D(CALL("\"index\":1,\"id\":\"x\",\"function\":{\"name\":\"b\",\"arguments\":\"{}\"}"))
             F("tool_calls"),
     "|calls|x a {}|kelp_call_2 b {}"},
    {"no numbers at all",
     D("{\"tool_calls\":[{\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}},"
       "{\"function\":{\"name\":\"b\",\"arguments\":\"{}\"}}]}") F("tool_calls"),
     "|calls|kelp_call_1 a {}|kelp_call_2 b {}"},
    {"the name in every piece",
     D(CALL("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"a\"}"))
         D(CALL("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"))
             F("tool_calls"),
     "|calls|c a {}"},
    {"arguments as an object",
     D(CALL("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"a\",\"arguments\":{\"k\":1}}"))
         F("tool_calls"),
     "|calls|c a {\"k\":1}"},
    {"no arguments",
     D(CALL("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"a\",\"arguments\":\"\"}"))
         F("tool_calls"),
     "|calls|c a {}"},
    {"arguments that are no object",
     D(CALL("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"a\",\"arguments\":\"[1\"}"))
         F("tool_calls"),
     "|calls|c a [1"},
    {"a call without a name is none",
     D(CALL("\"index\":0,\"id\":\"c\",\"function\":{\"arguments\":\"{}\"}")) F("tool_calls"),
     "|calls"},
    {"usage behind the end",
     D("{\"content\":\"a\"}")
         F("stop") "{\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4,"
                   "\"prompt_tokens_details\":{\"cached_tokens\":3},"
                   "\"completion_tokens_details\":{\"reasoning_tokens\":2}}}\n",
     "a|done|7+3>4(2)"},
    {"usage null, and nonsense",
     "{\"choices\":[],\"usage\":null}\n{\"choices\":[],\"usage\":{\"prompt_tokens\":-5,"
     "\"completion_tokens\":\"x\",\"prompt_tokens_details\":null}}\n",
     "|cut|0+0>0(0)"},
    {"an error in the stream",
     D("{\"content\":\"a\"}") "{\"error\":{\"message\":\"gone\",\"type\":\"server_error\"}}\n",
     "a|cut|error server_error: gone"},
    {"vLLM's error",
     "{\"object\":\"error\",\"message\":\"gone\",\"type\":\"BadRequestError\",\"code\":400}\n",
     "|cut|error BadRequestError: gone"},
    {"Ollama's error", "{\"error\":\"no model\"}\n", "|cut|error no model"},
    {"not streamed",
     "{\"choices\":[{\"message\":{\"content\":\"a\",\"tool_calls\":[{\"id\":\"c\",\"function\":"
     "{\"name\":\"f\",\"arguments\":\"{}\"}}]}}],\"usage\":{\"prompt_tokens\":1,"
     "\"completion_tokens\":2}}\n",
     "a|done|1+0>2(0)|c f {}", .whole = true},
    {"not streamed, an error", "{\"error\":{\"code\":\"context_length_exceeded\"}}\n",
     "|cut|error context_length_exceeded: an error without a message", .whole = true},
    {"not what it should be", "{\"choices\":{\"x\":1}}\n{\"choices\":[5]}\n{}\n", "|cut"},
    {"wrong types", D(CALL("\"index\":\"0\",\"id\":5,\"function\":7")) D("[]") D("null"), "|cut"},
};

Test(chat, streams)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *said = describe(&api_chat, cases[i].events, cases[i].whole);
        cr_expect_str_eq(said, cases[i].said, "%s: %s", cases[i].what, said);
    }
}

static json_t *request_of(unsigned without)
{
    struct conversation c = {0};
    json_auto_t *schema = json_pack("{s:s}", "type", "object");
    json_auto_t *tools =
        json_pack("[{s:s, s:s, s:{}}]", "name", "f", "description", "d", "parameters");
    struct message m = {.role = MESSAGE_MODEL, .text = mem_string("t")};
    struct ask ask = {.model = "M",
                      .instructions = "I",
                      .conversation = &c,
                      .tools = tools,
                      .schema = schema,
                      .answer_tokens = 5,
                      .without = without};

    conversation_add_user(&c, "u");
    conversation_add_user(&c, "v");
    vector_push(&m.calls, (struct call){mem_string("1"), mem_string("f"), json_object(), NULL});
    vector_push(&m.calls, (struct call){mem_string("2"), mem_string("g"), NULL, mem_string("{x")});
    conversation_add(&c, &m);
    conversation_add_result(&c, "1", "r\xff", false);
    conversation_add_result(&c, "2", "wrong", true);
    json_t *request = api_chat.request(&ask);
    conversation_free(&c);
    return request;
}

Test(chat, request)
{
    json_auto_t *request = request_of(0);
    AUTO_FREE char *text = json_text(request, 0);

    cr_assert_str_eq(
        text,
        "{\"max_tokens\":5,\"messages\":["
        "{\"content\":\"I\",\"role\":\"system\"},{\"content\":\"u\\n\\nv\",\"role\":\"user\"},"
        "{\"content\":\"t\",\"role\":\"assistant\",\"tool_calls\":["
        "{\"function\":{\"arguments\":\"{}\",\"name\":\"f\"},\"id\":\"1\",\"type\":\"function\"},"
        "{\"function\":{\"arguments\":\"{}\",\"name\":\"g\"},\"id\":\"2\",\"type\":\"function\"}]},"
        "{\"content\":\"r\xEF\xBF\xBD\",\"role\":\"tool\",\"tool_call_id\":\"1\"},"
        "{\"content\":\"wrong\",\"role\":\"tool\",\"tool_call_id\":\"2\"}],"
        "\"model\":\"M\",\"response_format\":{\"json_schema\":{\"name\":\"answer\",\"schema\":"
        "{\"type\":\"object\"}},\"type\":\"json_schema\"},\"stream\":true,"
        "\"stream_options\":{\"include_usage\":true},\"tools\":[{\"function\":{\"description\":"
        "\"d\",\"name\":\"f\",\"parameters\":{}},\"type\":\"function\"}]}");
}

Test(chat, refused_features)
{
    unsigned all = API_USAGE | API_FORMAT | API_MAX_TOKENS;
    json_auto_t *request = request_of(all);

    cr_assert_null(json_object_get(request, "stream_options"));
    cr_assert_null(json_object_get(request, "response_format"));
    cr_assert_eq(json_get_int(request, "max_completion_tokens", 0), 5);
    static const struct {
        const char *message;
        unsigned refused;
    } messages[] = {
        {"Unknown parameter: stream_options", API_USAGE},
        {"response_format is not supported", API_FORMAT},
        {"Cannot use custom grammar constraints with tools", API_FORMAT},
        {"use 'max_completion_tokens' instead", API_MAX_TOKENS},
        {"no such model", 0},
    };
    json_auto_t *schema = json_object();
    const struct ask full = {.schema = schema, .answer_tokens = 5};
    const struct ask plain = {.without = API_USAGE};
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        cr_expect_eq(api_chat.refused_feature(&full, messages[i].message), messages[i].refused);
        cr_expect_eq(api_chat.refused_feature(&plain, messages[i].message), 0);
        cr_expect_eq(api_messages.refused_feature(&full, messages[i].message), 0);
    }
}
