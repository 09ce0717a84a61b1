/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver: how one kind of agent program is started and how it is read. It starts nothing
 * itself: it says what is to be started, and the engine has the keeper do it. To add one: a file
 * here, a row in the table of driver.c, its recorded streams in tests/.
 */
#ifndef KELP_AGENT_DRIVER_H
#define KELP_AGENT_DRIVER_H

#include "agent/ability.h"
#include "agent/reading.h"
#include "base/arena.h"
#include "base/fault.h"

/* What the user's environment holds: the value of a variable or NULL. */
struct driver_lookup {
    const char *(*get)(void *context, const char *name);
    void *context;
};

/* What an attempt is to do. Paths are absolute; strings are never NULL. Right when zeroed where
 * nothing else is said. */
struct driver_request {
    const char *program;     /* of the driver, found: an absolute path */
    const char *model;       /* ""; the program's choice */
    const char *base_url;    /* ""; the program's own endpoint */
    const char *prompt;      /* the whole of it */
    const char *prompt_file; /* holds the prompt; the attempt can read it */
    const char *dir;         /* of the attempt: scratch files of the driver may be named here */
    const char *home;        /* private to the instance and kept over its attempts; it exists */
    const char *work;        /* where it works */
    const char *user_home;   /* of the user, where credentials lie; "" if there is none */
    const char *session;     /* to go on with; "": a new one */
    const char *schema;      /* JSON schema of the answer; "": none */
    bool read_only;          /* it is only asked, and has nothing to change (the planner) */
    bool root;               /* it will run as root */
    struct driver_lookup environment;
};

/* A file that has to be there before the start. */
struct driver_file {
    const char *path;    /* absolute, below home or dir; its folders are made */
    const char *content; /* NULL: it is a symbolic link to `target` */
    const char *target;  /* credentials are reached by links and never copied */
};

/* What to start. All of it lives in the arena. */
struct driver_launch {
    const char *const *argv; /* NULL-terminated */
    struct strings set;      /* "NAME=value": added to the attempt's environment */
    struct strings pass;     /* names that pass from the user's environment: keys, base URLs */
    struct strings secrets;  /* of those names, whose values are secrets and redacted in output */
    struct strings writable; /* paths that it has to write beside home, dir and work */
    struct strings readable; /* of the user's keys those that it uses; "~/" is the user's home */
    const struct driver_file *files;
    size_t file_count;
    bool prompt_on_stdin; /* standard input is prompt_file; else it is empty */
};

struct driver {
    const char *name;                /* as plans and --agent have it */
    const char *what;                /* one line for `kelp agents` */
    unsigned can;                    /* enum driver_ability, or-ed */
    const char *program;             /* looked up in the PATH */
    const char *const *version_argv; /* what follows the program to print its version */
    const char *install_hint;        /* how it is installed: "npm install -g ..." */
    /* Names of the variables one of which has to be set, or else a file below the user's home that
     * has to exist, for it to be configured; "~/..." are files. NULL-terminated. */
    const char *const *configured_by;
    /* "HOST:PORT" of its models and of its login, where no base URL is given: public hosts, to
     * which `network: endpoint` limits it. NULL-terminated; NULL: not known. */
    const char *const *endpoints;
    /* "~/...", or "$NAME" of a variable, of its login and its sessions: agents of other drivers do
     * not see them. NULL: none. */
    const char *const *keeps;
    int (*prepare)(const struct driver *d, const struct driver_request *q, struct arena *a,
                   struct driver_launch *ret, struct fault *f);
    const struct stream_reader *reader;
    const void *config; /* of a driver by configuration, else NULL */
};

/* The drivers that are compiled in, in the order in which they are listed. */
const struct driver *driver_builtin(size_t i); /* NULL behind the last */
const struct driver *driver_builtin_find(const char *name);

#endif
