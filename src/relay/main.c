/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kelp-relay [--allow HOST:PORT]... [--public HOST:PORT]... [--by namespace|ports] -- PROGRAM
 * [ARG...]
 *
 * Runs an agent that reaches these hosts and no others: part of an attempt, not for people.
 */
#include "relay/relay.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* As env(1) and its like have it: what is no status of the program's own. */
enum { STATUS_OWN = 125, STATUS_CANNOT_RUN = 126, STATUS_NO_PROGRAM = 127 };

static const char usage[] =
    "usage: kelp-relay [--allow HOST:PORT]... [--public HOST:PORT]... [--by namespace|ports]\n"
    "                  -- PROGRAM [ARGUMENT...]\n";

static const struct option options[] = {
    {"allow", required_argument, NULL, 'a'},
    {"by", required_argument, NULL, 'b'},
    {"public", required_argument, NULL, 'p'},
    {NULL, 0, NULL, 0},
};

static int read_way(const char *word, enum cage_way *ret, struct fault *f)
{
    if (strcmp(word, "namespace") != 0 && strcmp(word, "ports") != 0)
        return fault_set(f, FAULT_USAGE, "'%s' is no way to keep an agent in", word);
    *ret = *word == 'n' ? CAGE_NAMESPACE : CAGE_PORTS;
    return 0;
}

static int read_words(int argc, char **argv, place_list *places, struct cage_options *ret,
                      struct fault *f)
{
    int option, r = 0;

    opterr = 0;
    while (r == 0 && (option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option == 'a' || option == 'p')
            r = place_add(places, optarg, option == 'p', f);
        else if (option == 'b')
            r = read_way(optarg, &ret->way, f);
        else
            r = fault_set(f, FAULT_USAGE, "wrong options\n%s", usage);
    }
    ret->argv = (const char *const *)argv + optind;
    ret->places = places;
    if (r == 0 && optind == argc)
        r = fault_set(f, FAULT_USAGE, "no program\n%s", usage);
    return r;
}

/* As the agent ended. A core is the agent's, if it made one. */
_Noreturn static void end_like(int status)
{
    static const struct rlimit nothing = {0, 0};
    sigset_t all;

    if (WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    (void)setrlimit(RLIMIT_CORE, &nothing);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)signal(WTERMSIG(status), SIG_DFL);
    (void)sigemptyset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)raise(WTERMSIG(status));
    _exit(128 + WTERMSIG(status));
}

/* Whoever stops an attempt signals all of its processes: the agent decides what becomes of it, and
 * until it has ended its relay stays. */
static void hold_signals(sigset_t *ret_before)
{
    sigset_t held;

    (void)sigfillset(&held);
    (void)sigdelset(&held, SIGSEGV);
    (void)sigdelset(&held, SIGBUS);
    (void)sigdelset(&held, SIGABRT);
    (void)sigprocmask(SIG_BLOCK, &held, ret_before);
}

int main(int argc, char **argv)
{
    place_list places = {0};
    sigset_t before;
    struct cage_options o = {.mask = &before};
    AUTO_FAULT f = {0};

    hold_signals(&before);
    int r = read_words(argc, argv, &places, &o, &f);
    if (r == 0)
        r = relay_run(&o, &f);
    vector_free(&places);
    if (r >= 0)
        end_like(r);
    (void)fprintf(stderr, "kelp-relay: %s\n", f.message);
    if (f.hint)
        (void)fprintf(stderr, "hint: %s\n", f.hint);
    return f.code == FAULT_NOT_FOUND     ? STATUS_NO_PROGRAM
           : f.code == FAULT_ENVIRONMENT ? STATUS_CANNOT_RUN
                                         : STATUS_OWN;
}
