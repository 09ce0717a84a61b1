/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives a keeper an order as if it were the engine:
 *
 *     order RUN COMMAND
 *
 * asks the keeper of the run whose folder is RUN to start the command, without a sandbox.
 */
#include "base/os.h"
#include "process/address.h"
#include "process/request.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { ANSWER_LIMIT_MS = 3000 };

static void add_order(struct text *out, const char *command)
{
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};
    AUTO_FREE char *id = text_format("ordered/%ld", (long)getpid());
    const struct request hello = {.kind = REQUEST_HELLO, .version = REQUEST_VERSION};
    const struct request start = {
        .kind = REQUEST_START,
        .spec = {.id = id, .argv = argv, .envp = (const char *const *)environ}};

    request_add(out, &hello);
    request_add(out, &start);
}

/* A keeper that has listened says what it did; one that has not hangs up. */
static void hear(int fd)
{
    struct pollfd said = {.fd = fd, .events = POLLIN};
    char answer[4096];

    while (poll(&said, 1, ANSWER_LIMIT_MS) > 0 && read(fd, answer, sizeof answer) > 0)
        ;
}

int main(int argc, char **argv)
{
    AUTO_FAULT f = {0};
    AUTO_TEXT out = {0};
    AUTO_CLOSE fd = -1;

    if (argc != 3)
        return 2;
    if (address_connect(argv[1], ADDRESS_KEEPER, &fd, &f) < 0) {
        (void)fprintf(stderr, "order: %s\n", f.message);
        return 1;
    }
    add_order(&out, argv[2]);
    if (os_write_all(fd, out.data, out.length) < 0)
        return 1;
    hear(fd);
    return 0;
}
