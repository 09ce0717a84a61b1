/* SPDX-License-Identifier: Apache-2.0 */
#include "process/address.h"

#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAITING_MAX = 16 };

/* An address has room for 108 bytes; a folder's descriptor is shorter than any path. */
static int prepare(const char *run_dir, const char *name, struct sockaddr_un *ret_address,
                   int *ret_dir, struct fault *f)
{
    *ret_dir = open(run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*ret_dir < 0)
        return fault_system(f, errno, "cannot open folder '%s'", run_dir);
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    (void)snprintf(ret_address->sun_path, sizeof ret_address->sun_path, "/proc/self/fd/%d/%s",
                   *ret_dir, name);
    return 0;
}

static int make_socket(int *ret_fd, struct fault *f)
{
    *ret_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return *ret_fd < 0 ? fault_system(f, errno, "cannot make a socket") : 0;
}

int address_listen(const char *run_dir, const char *name, int *ret_fd, struct fault *f)
{
    struct sockaddr_un address;
    AUTO_CLOSE dir = -1;
    AUTO_CLOSE fd = -1;

    int r = prepare(run_dir, name, &address, &dir, f);
    if (r == 0)
        r = make_socket(&fd, f);
    if (r < 0)
        return r;
    (void)unlinkat(dir, name, 0); /* of one that died; else bind says what is there */
    (void)fchmod(fd, 0600);       /* the peer's user is checked as well */
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, WAITING_MAX) < 0)
        return fault_system(f, errno, "cannot listen on '%s/%s'", run_dir, name);
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int address_connect(const char *run_dir, const char *name, int *ret_fd, struct fault *f)
{
    struct sockaddr_un address;
    AUTO_CLOSE dir = -1;
    AUTO_CLOSE fd = -1;

    int r = prepare(run_dir, name, &address, &dir, f);
    if (r == 0)
        r = make_socket(&fd, f);
    if (r < 0)
        return r;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        if (errno == ENOENT || errno == ECONNREFUSED)
            return fault_set(f, FAULT_NOT_FOUND, "nobody listens on '%s/%s'", run_dir, name);
        return fault_system(f, errno, "cannot connect to '%s/%s'", run_dir, name);
    }
    *ret_fd = fd;
    fd = -1;
    return 0;
}

void address_remove(const char *run_dir, const char *name)
{
    AUTO_FREE char *path = os_path(run_dir, name);

    (void)unlink(path); /* a socket that nobody listens on does no harm */
}
