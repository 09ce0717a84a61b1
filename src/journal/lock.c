/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/lock.h"

#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Locks of an open file description, not of a process: those of a process are lost as soon as any
 * part of it closes the file, and flock() can't be asked about without being taken. */
static const struct flock whole_file = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

static pid_t read_pid(int fd)
{
    char digits[24] = "";
    int64_t pid = 0;
    ssize_t n = pread(fd, digits, sizeof digits - 1, 0);

    if (n > 0)
        digits[strcspn(digits, "\n")] = '\0';
    return n > 0 && text_to_int64(digits, 1, INT32_MAX, &pid) ? (pid_t)pid : 0;
}

static int refuse(const char *run_dir, int fd, struct fault *f)
{
    pid_t pid = read_pid(fd);
    int r;

    if (pid)
        r = fault_set(f, FAULT_BUSY, "the run in '%s' is held by process %ld", run_dir, (long)pid);
    else
        r = fault_set(f, FAULT_BUSY, "the run in '%s' is held by an engine that just starts",
                      run_dir);
    fault_hint(f, "wait until it ends, or stop it with 'kelp cancel'");
    return r;
}

static int write_pid(int fd, const char *path, struct fault *f)
{
    AUTO_TEXT line = {0};

    text_printf(&line, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, line.data, line.length, 0) < 0)
        return fault_system(f, errno, "cannot write '%s'", path);
    return 0;
}

int run_lock_take(const char *run_dir, int *ret_fd, struct fault *f)
{
    AUTO_FREE char *path = os_path(run_dir, "lock");
    AUTO_CLOSE fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct flock lock = whole_file;

    if (fd < 0)
        return fault_system(f, errno, "cannot open '%s'", path);
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
        if (errno == EAGAIN || errno == EACCES)
            return refuse(run_dir, fd, f);
        return fault_system(f, errno, "cannot lock '%s'", path);
    }
    int r = write_pid(fd, path, f);
    if (r == 0) {
        *ret_fd = fd;
        fd = -1;
    }
    return r;
}

bool run_lock_held(const char *run_dir, pid_t *ret_pid)
{
    AUTO_FREE char *path = os_path(run_dir, "lock");
    AUTO_CLOSE fd = open(path, O_RDONLY | O_CLOEXEC);
    struct flock lock = whole_file;

    *ret_pid = 0;
    if (fd < 0 || fcntl(fd, F_OFD_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
        return false;
    *ret_pid = read_pid(fd);
    return true;
}
