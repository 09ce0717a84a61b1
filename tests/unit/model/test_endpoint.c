/* SPDX-License-Identifier: Apache-2.0 */
#include "model/endpoint.h"
#include "model/http.h"

#include <criterion/criterion.h>

Test(endpoint, url)
{
    static const struct {
        const char *base;
        const struct api *api;
        const char *url;
    } cases[] = {
        {"http://h:1/v1", &api_chat, "http://h:1/v1/chat/completions"},
        {"http://h:1/v1/", &api_chat, "http://h:1/v1/chat/completions"},
        {"http://h:1", &api_chat, "http://h:1/v1/chat/completions"},
        {"http://h:1/", &api_chat, "http://h:1/v1/chat/completions"},
        {"https://h/openai/v2", &api_chat, "https://h/openai/v2/chat/completions"},
        {"https://h/gateway", &api_chat, "https://h/gateway/chat/completions"},
        {"https://h/x/chat/completions", &api_chat, "https://h/x/chat/completions"},
        {"https://api.anthropic.com", &api_messages, "https://api.anthropic.com/v1/messages"},
        {"https://h/anthropic/", &api_messages, "https://h/anthropic/v1/messages"},
        {"https://h/v1", &api_messages, "https://h/v1/messages"},
        {"https://h/dev", &api_messages, "https://h/dev/v1/messages"},
        {"https://h/v1/messages", &api_messages, "https://h/v1/messages"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *url = endpoint_url(cases[i].base, cases[i].api);
        cr_expect_str_eq(url, cases[i].url);
    }
}

Test(http, local)
{
    static const struct {
        const char *url;
        bool local;
    } cases[] = {
        {"http://127.0.0.1:8080/v1", true},
        {"http://127.8.0.1", true},
        {"http://LOCALHOST:1/v1", true},
        {"http://[::1]:8080/v1", true},
        {"https://localhost/v1", true},
        {"http://127.example.org/v1", false},
        {"http://localhost.example.org", false},
        {"http://10.0.0.1", false},
        {"http://127.0.0.1@example.org/", false},
        {"https://example.org/127.0.0.1", false},
        {"", false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        cr_expect_eq(http_is_local(cases[i].url), cases[i].local, "%s", cases[i].url);
}

Test(endpoint, kind)
{
    static const struct {
        const char *url;
        const struct api *api;
        bool sure;
    } cases[] = {
        {"http://127.0.0.1:8080/v1", &api_chat, false},
        {"https://api.openai.com/v1", &api_chat, true},
        {"https://h/v1/chat/completions", &api_chat, true},
        {"https://api.anthropic.com", &api_messages, true},
        {"https://h/anthropic", &api_messages, true},
        {"https://h/v1/messages", &api_messages, true},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool sure;
        cr_expect_eq(endpoint_kind(cases[i].url, &sure), cases[i].api, "%s", cases[i].url);
        cr_expect_eq(sure, cases[i].sure, "%s", cases[i].url);
    }
}
