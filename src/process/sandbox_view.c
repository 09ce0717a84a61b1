/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sandbox_view.h"

#include "process/own_stack.h"
#include "process/sandbox_mounts.h"
#include "process/sandbox_space.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without a user namespace only root may. */
ON_OWN_STACK static int leave_view(bool no_space, bool *ret_made)
{
    *ret_made = unshare(CLONE_NEWNS) == 0;
    if (!*ret_made && !no_space) {
        bool made;
        int error = sandbox_space_plain(&made);
        if (error || !made)
            return error;
        if (unshare(CLONE_NEWNS) < 0)
            return errno;
        *ret_made = true;
    }
    if (!*ret_made)
        return 0;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? errno : 0;
}

ON_OWN_STACK static bool is_absent(int error)
{
    return error == ENOENT || error == ENOTDIR;
}

/* Before anything is hidden: what is to be shown, held by descriptors. -1: it is not there. */
ON_OWN_STACK static int hold(const struct sandbox_view *view, int *ret_fd)
{
    *ret_fd = -1;
    if (!view->show)
        return 0;
    *ret_fd = sandbox_mounts_open(view->path);
    return *ret_fd >= 0 || is_absent(errno) ? 0 : errno;
}

ON_OWN_STACK static int hide(const char *path)
{
    static const char least[] = "mode=0755,size=64k,nr_inodes=256";

    if (mount("kelp", path, "tmpfs", MS_NOSUID | MS_NODEV, least) == 0)
        return 0;
    if (errno == ENOTDIR && mount("/dev/null", path, NULL, MS_BIND, NULL) == 0)
        return 0;
    return is_absent(errno) ? 0 : errno;
}

ON_OWN_STACK static int make_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno;
    (void)close(fd);
    return 0;
}

/* The folders on the way to `path`; most are there. */
ON_OWN_STACK static int make_way(const char *path)
{
    char part[PATH_MAX];

    for (size_t i = 0; i < sizeof part; i++) {
        part[i] = path[i];
        if (!path[i])
            return 0;
        if (i == 0 || path[i] != '/')
            continue;
        part[i] = '\0';
        if (mkdir(part, 0755) < 0 && errno != EEXIST)
            return errno;
        part[i] = '/';
    }
    return ENAMETOOLONG;
}

/* Something of its kind to be put on. */
ON_OWN_STACK static int make_place(int fd, const char *path)
{
    struct stat st;
    int error = make_way(path);

    if (error)
        return error;
    if (fstat(fd, &st) < 0)
        return errno;
    if (!S_ISDIR(st.st_mode))
        return access(path, F_OK) == 0 ? 0 : make_file(path);
    return mkdir(path, 0755) < 0 && errno != EEXIST ? errno : 0;
}

ON_OWN_STACK static int put_back(int fd, const char *path)
{
    int error = make_place(fd, path);

    return error ? error : sandbox_mounts_put(fd, path);
}

ON_OWN_STACK static int change(const struct sandbox_view *view, int fd)
{
    if (!view->show)
        return hide(view->path);
    if (fd < 0)
        return 0;
    int error = put_back(fd, view->path);
    (void)close(fd);
    return error;
}

ON_OWN_STACK int sandbox_view_enter(const struct sandbox_view *views, size_t count, bool no_space,
                                    bool *ret_made)
{
    int held[SANDBOX_VIEWS_MAX];
    char folder[PATH_MAX];

    *ret_made = false;
    if (!count)
        return 0;
    if (count > SANDBOX_VIEWS_MAX)
        return E2BIG;
    if (!getcwd(folder, sizeof folder))
        return errno;
    int error = leave_view(no_space, ret_made);
    if (error || !*ret_made)
        return error;
    for (size_t i = 0; !error && i < count; i++)
        error = hold(&views[i], &held[i]);
    for (size_t i = 0; !error && i < count; i++)
        error = change(&views[i], held[i]);
    return error ? error : sandbox_mounts_enter_again(folder);
}
