/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drivers by configuration: a YAML file says how a program is started and how its output is read.
 * docs/drivers.md is the description for users; recipes/drivers/ holds those that are shipped.
 */
#ifndef KELP_AGENT_CUSTOM_H
#define KELP_AGENT_CUSTOM_H

#include "agent/event_path.h"
#include "base/fault.h"
#include "core/plan.h"
#include "core/status.h"
#include "plan/source.h"

enum {
    CUSTOM_BYTES_MAX = 1024 * 1024,
    CUSTOM_ARGUMENT_MAX = 128 * 1024 - 1, /* bytes of one argument (Linux: MAX_ARG_STRLEN) */
    CUSTOM_PATHS_MAX = 4,
};

struct driver;

enum custom_prompt { CUSTOM_PROMPT_STDIN, CUSTOM_PROMPT_FILE, CUSTOM_PROMPT_ARGUMENT };
enum custom_output { CUSTOM_TEXT, CUSTOM_JSONL, CUSTOM_KELP, CUSTOM_ACP };

/* Words of a command line that belong together. */
struct custom_words {
    const char *when;   /* they are left out where this variable is empty; NULL: always there */
    const char *unless; /* they are left out where it is not; NULL */
    struct strings words;
};

#define CUSTOM_LIST(type) \
    struct {              \
        const type *at;   \
        size_t count;     \
    }

struct custom_args {
    const struct custom_words *at;
    size_t count;
};

/* A variable of the environment. It is not set where its value uses an empty variable. */
struct custom_variable {
    const char *name, *value;
};

struct custom_file {
    const char *path;    /* begins with {{home}} or {{dir}} */
    const char *content; /* NULL: a link */
    const char *link;    /* below the user's home, "~/..."; made only where it exists */
};

/* The first of these places that holds something. */
struct custom_value {
    struct event_path at[CUSTOM_PATHS_MAX];
    size_t count;
};

/* What an event can tell. Texts but for the numbers of the second list. */
#define CUSTOM_TEXTS(X) \
    X(text) X(delta) X(session) X(model) X(tool) X(detail) X(denied) X(error) X(waits)
#define CUSTOM_NUMBERS(X) \
    X(input) X(cached) X(output) X(reasoning) X(usd) X(context) X(window) X(status)

struct custom_condition {
    struct event_path path;
    struct strings words; /* one of which it has to be */
};

struct custom_rule {
    CUSTOM_LIST(struct custom_condition) when; /* all of them hold */
#define CUSTOM_VALUE_MEMBER(name) struct custom_value name;
    CUSTOM_TEXTS(CUSTOM_VALUE_MEMBER)
    CUSTOM_NUMBERS(CUSTOM_VALUE_MEMBER)
#undef CUSTOM_VALUE_MEMBER
    struct custom_value answer;
    enum attempt_error fails; /* NONE: the message decides, where there is one */
    int final, total;         /* booleans, as field_choice writes them */
};

struct custom_exit {
    int code;
    enum attempt_error error;
};

/* Words that give an error away which the program does not report as one. */
struct custom_pattern {
    const char *text;         /* the last message begins so; NULL */
    const char *has;          /* the last message has it somewhere; NULL */
    const char *log;          /* standard error has it; NULL */
    enum attempt_error error; /* NONE: the message decides */
};

/* A driver file, read. Plain data in an arena. */
struct custom {
    const char *name, *what, *program, *install, *tried, *file;
    const char *like_name; /* of `like`; NULL: none */
    unsigned can;          /* enum driver_ability */
    struct strings version, configured_by, endpoints, keeps;
    struct custom_args args, resume; /* `resume` replaces `args` for a session; empty: args */
    enum custom_prompt prompt;
    enum custom_output output;
    struct strings pass, secrets, home, writable;
    CUSTOM_LIST(struct custom_variable) set;
    CUSTOM_LIST(struct custom_file) files;
    CUSTOM_LIST(struct custom_rule) rules;
    CUSTOM_LIST(struct custom_exit) exits;
    CUSTOM_LIST(struct custom_pattern) patterns;
    int input_has_cached, output_lacks_reasoning, cumulative; /* booleans */
    const struct driver *like; /* compiled in: environment and home are as it has them; NULL */
    const char *mode, *read_only_mode; /* ACP: session modes; "": the program's own */
    const char *usage;                 /* ACP: what its numbers count, as kelp-acp has it; "" */
    int any_model;                     /* ACP, boolean: it takes models that it does not offer */
    const char *bridge;                /* ACP: path of kelp-acp; set when the roster is loaded */
};

/* One file's text. FAULT_PLAN with a place. */
int custom_parse(const struct source *source, struct arena *a, struct custom *ret,
                 struct fault *f) MUST_CHECK;
/* A driver of it, which borrows it. Set `like` and `bridge` before, where it asks for them. */
const struct driver *custom_driver(const struct custom *custom, struct arena *a);

#endif
