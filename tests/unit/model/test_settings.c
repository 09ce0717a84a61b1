/* SPDX-License-Identifier: Apache-2.0 */
#include "model/settings.h"

#include "agent/model.h"

#include <criterion/criterion.h>
#include <string.h>

enum { WORDS_MAX = 10 };

#define GOOD "--base-url=http://h/v1", "--model", "m"

static const struct {
    const char *words[WORDS_MAX];
    const char *message; /* NULL: it is good */
} cases[] = {
    {{GOOD}, NULL},
    {{GOOD, "--read-only", "--window=4096", "do", "it"}, NULL},
    {{GOOD, "--", "--not-an-option"}, NULL},
    {{"--model=m"}, "there is no endpoint"},
    {{"--base-url=http://h/v1"}, "there is no model"},
    {{GOOD, "--colour"}, "unknown option '--colour'"},
    {{GOOD, "-x"}, "unknown option '-x'"},
    {{GOOD, "--"}, NULL},
    {{GOOD, "--work"}, "option '--work' needs a value"},
    {{GOOD, "--work="}, "option '--work' needs a value"},
    {{GOOD, "--read-only=yes"}, "option '--read-only' takes no value"},
    {{GOOD, "--max-turns=0"}, "option '--max-turns': '0' is no number from 1 to 100000"},
    {{GOOD, "--stall", "soon"}, "option '--stall': 'soon' is no number from 1 to 86400"},
    {{GOOD, "--api=gemini"}, "option '--api': 'gemini' is none of auto, chat, messages"},
    {{"--base-url=http://h", "--model=\xff"}, "the model's name is not valid UTF-8"},
};

static int read_words(const char *const *words, struct settings *ret, struct fault *f)
{
    char *argv[WORDS_MAX + 2] = {(char *)"kelp-agent"};
    int argc = 1;

    while (argc <= WORDS_MAX && words[argc - 1]) {
        argv[argc] = (char *)words[argc - 1];
        argc++;
    }
    return settings_read(argc, argv, ret, f);
}

static void no_variables(void)
{
    static const char *const names[] = {MODEL_KEY_ANY, MODEL_KEY_CHAT, MODEL_KEY_MESSAGES,
                                        MODEL_URL_CHAT, MODEL_URL_MESSAGES};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)unsetenv(names[i]);
}

Test(settings, words)
{
    no_variables();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_SETTINGS s = {0};
        AUTO_FAULT f = {0};
        int r = read_words(cases[i].words, &s, &f);
        cr_expect_eq(r, cases[i].message ? -FAULT_USAGE : 0, "case %zu: %s", i, f.message);
        if (cases[i].message)
            cr_expect_str_eq(f.message, cases[i].message);
    }
}

Test(settings, values)
{
    static const char *const words[] = {GOOD,       "--window",  "4096", "do",
                                        "--resume", "--odd-one", "it",   NULL};
    AUTO_SETTINGS s = {0};
    AUTO_FAULT f = {0};

    no_variables();
    cr_assert_eq(read_words(words, &s, &f), 0, "%s", f.message);
    cr_assert_str_eq(s.prompt, "do it");
    cr_assert_str_eq(s.resume, "--odd-one");
    cr_assert_str_eq(s.work, ".");
    cr_assert_eq(s.window, 4096);
    cr_assert_eq(s.max_turns, 200);
    cr_assert_eq(s.stall_s, 240);
    cr_assert_eq(s.api, &api_chat);
    cr_assert(s.guessed);
}

/* A key is taken away, to the last byte of the memory that /proc shows. */
Test(settings, keys)
{
    static const char *const words[] = {GOOD, NULL};
    AUTO_SETTINGS s = {0};
    AUTO_FAULT f = {0};

    no_variables();
    cr_assert_eq(setenv(MODEL_KEY_CHAT, "dummy-of-chat", 1), 0);
    cr_assert_eq(setenv(MODEL_KEY_MESSAGES, "dummy-of-messages", 1), 0);
    const char *memory = getenv(MODEL_KEY_CHAT);
    cr_assert_eq(read_words(words, &s, &f), 0, "%s", f.message);
    cr_assert_str_eq(s.chat_key, "dummy-of-chat");
    cr_assert_str_eq(s.messages_key, "dummy-of-messages");
    cr_assert_null(getenv(MODEL_KEY_CHAT));
    cr_assert_null(getenv(MODEL_KEY_MESSAGES));
    cr_assert_eq(memory[0], '\0');
    cr_assert_eq(memory[strlen("dummy-of-chat") - 1], '\0');
}

Test(settings, where_it_asks)
{
    static const struct {
        const char *name, *value, *url;
        const struct api *api;
    } variables[] = {
        {MODEL_URL_CHAT, "http://c/v1", "http://c/v1", &api_chat},
        {MODEL_URL_MESSAGES, "http://m/anthropic", "http://m/anthropic", &api_messages},
        {MODEL_KEY_CHAT, "k", "https://api.openai.com/v1", &api_chat},
        {MODEL_KEY_MESSAGES, "k", "https://api.anthropic.com", &api_messages},
    };
    static const char *const words[] = {"--model=m", NULL};

    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        AUTO_SETTINGS s = {0};
        AUTO_FAULT f = {0};
        no_variables();
        cr_assert_eq(setenv(variables[i].name, variables[i].value, 1), 0);
        cr_assert_eq(read_words(words, &s, &f), 0, "%s", f.message);
        cr_expect_str_eq(s.base_url, variables[i].url);
        cr_expect_eq(s.api, variables[i].api, "%s", variables[i].name);
    }
}
