/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kelp-acp [OPTION...] -- PROGRAM [ARGUMENT...]
 *
 * The bridge between an agent that speaks the Agent Client Protocol and kelp: part of an attempt,
 * not for people. The prompt is standard input, the kelp protocol is standard output.
 */
#include "acp/bridge.h"
#include "base/json.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PROMPT_MAX_BYTES = 16 * 1024 * 1024, PROMPT_WAIT_MS = 60 * 1000 };

static const char usage[] =
    "usage: kelp-acp [--cwd DIR] [--model NAME] [--session ID] [--mode ID] [--read-only]\n"
    "                [--any-model] [--usage prompt|last|session] [--answer-ms N] [--grace-ms N]\n"
    "                -- PROGRAM [ARGUMENT...]\n";

static const struct option options[] = {
    {"any-model", no_argument, NULL, 'y'},   {"answer-ms", required_argument, NULL, 'a'},
    {"cwd", required_argument, NULL, 'c'},   {"grace-ms", required_argument, NULL, 'g'},
    {"mode", required_argument, NULL, 'o'},  {"model", required_argument, NULL, 'm'},
    {"read-only", no_argument, NULL, 'r'},   {"session", required_argument, NULL, 's'},
    {"usage", required_argument, NULL, 'u'}, {NULL, 0, NULL, 0},
};

static bool read_usage(const char *word, enum dialogue_usage *ret)
{
    static const char *const words[] = {[DIALOGUE_USAGE_PROMPT] = "prompt",
                                        [DIALOGUE_USAGE_LAST] = "last",
                                        [DIALOGUE_USAGE_SESSION] = "session"};

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i], word) == 0) {
            *ret = (enum dialogue_usage)i;
            return true;
        }
    return false;
}

static bool read_option(int option, const char *value, struct bridge_options *ret)
{
    /* They become JSON. */
    if (value && text_utf8_valid(value, strlen(value)) != strlen(value))
        return false;
    switch (option) {
    case 'a':
        return text_to_int64(value, 1, INT32_MAX, &ret->answer_ms);
    case 'c':
        ret->dialogue.cwd = value;
        return value[0] == '/';
    case 'g':
        return text_to_int64(value, 1, INT32_MAX, &ret->grace_ms);
    case 'o':
        ret->dialogue.mode = value;
        return true;
    case 'm':
        ret->dialogue.model = value;
        return true;
    case 'r':
        ret->dialogue.read_only = true;
        return true;
    case 's':
        ret->dialogue.session = value;
        return true;
    case 'u':
        return read_usage(value, &ret->dialogue.usage);
    case 'y':
        ret->dialogue.any_model = true;
        return true;
    default:
        return false;
    }
}

static bool read_words(int argc, char **argv, struct bridge_options *ret)
{
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (!read_option(option, optarg, ret))
            return false;
    ret->argv = (const char *const *)argv + optind;
    return optind < argc;
}

static int read_prompt(struct text *ret, struct fault *f)
{
    char buffer[64 * 1024];
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};
    ssize_t n;

    do {
        if (poll(&in, 1, PROMPT_WAIT_MS) == 0)
            return fault_set(f, FAULT_LIMIT, "no prompt came on standard input");
        n = read(STDIN_FILENO, buffer, sizeof buffer);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return fault_system(f, errno, "cannot read the prompt");
        if (n > 0)
            text_add_n(ret, buffer, (size_t)n);
        if (ret->length > PROMPT_MAX_BYTES)
            return fault_set(f, FAULT_LIMIT, "the prompt has more than %d bytes", PROMPT_MAX_BYTES);
    } while (n != 0);
    return 0;
}

int main(int argc, char **argv)
{
    struct bridge_options o = {
        .dialogue = {.cwd = "", .prompt = "", .session = "", .mode = "", .model = ""}};
    AUTO_FREE char *here = getcwd(NULL, 0);
    AUTO_TEXT prompt = {0};
    AUTO_FAULT f = {0};

    json_use_memory();
    o.dialogue.cwd = here ? here : "/";
    if (!read_words(argc, argv, &o)) {
        (void)fputs(usage, stderr);
        return FAULT_USAGE;
    }
    int r = read_prompt(&prompt, &f);
    o.dialogue.prompt = text_get(&prompt);
    if (r == 0)
        r = bridge_run(&o, &f);
    if (r < 0)
        (void)fprintf(stderr, "kelp-acp: %s\n", f.message);
    return r < 0 ? (int)f.code : r;
}
