/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls of the C library by which kelp's programs touch the world: one row a call. The
 * wrappers, their names and how each tells a failure all follow from it.
 *
 *     X(name, object, failure)
 *
 * `object` is what the first argument is, `failure` how the call says that it failed.
 */
#ifndef KELP_POINTS_CALLS_H
#define KELP_POINTS_CALLS_H

#define POINT_CALLS(X)                     \
    X(open, PATH, MINUS_ONE)               \
    X(open64, PATH, MINUS_ONE)             \
    X(openat, PATH_AT, MINUS_ONE)          \
    X(openat64, PATH_AT, MINUS_ONE)        \
    X(fopen64, PATH, NOTHING)              \
    X(opendir, PATH, NOTHING)              \
    X(fdopendir, FD, NOTHING)              \
    X(scandir64, PATH, MINUS_ONE)          \
    X(readdir64, OTHER, NOTHING)           \
    X(fts64_open, OTHER, NOTHING)          \
    X(fts64_read, OTHER, NOTHING)          \
    X(close, FD, MINUS_ONE)                \
    X(read, FD, MINUS_ONE)                 \
    X(readv, FD, MINUS_ONE)                \
    X(pread64, FD, MINUS_ONE)              \
    X(write, FD, MINUS_ONE)                \
    X(writev, FD, MINUS_ONE)               \
    X(pwrite64, FD, MINUS_ONE)             \
    X(copy_file_range, FD, MINUS_ONE)      \
    X(fsync, FD, MINUS_ONE)                \
    X(fdatasync, FD, MINUS_ONE)            \
    X(ftruncate, FD, MINUS_ONE)            \
    X(ftruncate64, FD, MINUS_ONE)          \
    X(fallocate64, FD, MINUS_ONE)          \
    X(rename, PATH, MINUS_ONE)             \
    X(renameat, PATH_AT, MINUS_ONE)        \
    X(mkdir, PATH, MINUS_ONE)              \
    X(mkdirat, PATH_AT, MINUS_ONE)         \
    X(mkdtemp, PATH, NOTHING)              \
    X(rmdir, PATH, MINUS_ONE)              \
    X(unlink, PATH, MINUS_ONE)             \
    X(unlinkat, PATH_AT, MINUS_ONE)        \
    X(link, PATH, MINUS_ONE)               \
    X(symlink, PATH, MINUS_ONE)            \
    X(symlinkat, PATH, MINUS_ONE)          \
    X(stat64, PATH, MINUS_ONE)             \
    X(lstat64, PATH, MINUS_ONE)            \
    X(fstat64, FD, MINUS_ONE)              \
    X(fstatat64, PATH_AT, MINUS_ONE)       \
    X(access, PATH, MINUS_ONE)             \
    X(faccessat, PATH_AT, MINUS_ONE)       \
    X(readlink, PATH, MINUS_ONE)           \
    X(readlinkat, PATH_AT, MINUS_ONE)      \
    X(realpath, PATH, NOTHING)             \
    X(getcwd, OTHER, NOTHING)              \
    X(chdir, PATH, MINUS_ONE)              \
    X(chmod, PATH, MINUS_ONE)              \
    X(fchmod, FD, MINUS_ONE)               \
    X(fchmodat, PATH_AT, MINUS_ONE)        \
    X(futimens, FD, MINUS_ONE)             \
    X(utimensat, PATH_AT, MINUS_ONE)       \
    X(socket, OTHER, MINUS_ONE)            \
    X(bind, FD, MINUS_ONE)                 \
    X(listen, FD, MINUS_ONE)               \
    X(connect, FD, MINUS_ONE)              \
    X(accept, FD, MINUS_ONE)               \
    X(accept4, FD, MINUS_ONE)              \
    X(send, FD, MINUS_ONE)                 \
    X(sendmsg, FD, MINUS_ONE)              \
    X(recv, FD, MINUS_ONE)                 \
    X(recvmsg, FD, MINUS_ONE)              \
    X(shutdown, FD, MINUS_ONE)             \
    X(getsockopt, FD, MINUS_ONE)           \
    X(epoll_create1, OTHER, MINUS_ONE)     \
    X(epoll_ctl, FD, MINUS_ONE)            \
    X(epoll_wait, FD, MINUS_ONE)           \
    X(epoll_pwait, FD, MINUS_ONE)          \
    X(poll, OTHER, MINUS_ONE)              \
    X(eventfd, OTHER, MINUS_ONE)           \
    X(signalfd, OTHER, MINUS_ONE)          \
    X(inotify_init1, OTHER, MINUS_ONE)     \
    X(inotify_add_watch, OTHER, MINUS_ONE) \
    X(pipe2, OTHER, MINUS_ONE)             \
    X(dup2, FD, MINUS_ONE)                 \
    X(dup3, FD, MINUS_ONE)                 \
    X(fcntl64, FD, MINUS_ONE)              \
    X(flock, FD, MINUS_ONE)                \
    X(ioctl, FD, MINUS_ONE)                \
    X(fork, OTHER, MINUS_ONE)              \
    X(clone, OTHER, MINUS_ONE)             \
    X(pthread_create, OTHER, CODE)         \
    X(execve, PATH, MINUS_ONE)             \
    X(waitid, OTHER, MINUS_ONE)            \
    X(waitpid, OTHER, MINUS_ONE)           \
    X(kill, OTHER, MINUS_ONE)              \
    X(setsid, OTHER, MINUS_ONE)            \
    X(getrandom, OTHER, MINUS_ONE)         \
    X(syscall, OTHER, MINUS_ONE)           \
    X(mmap, OTHER, MINUS_ONE)              \
    X(mmap64, OTHER, MINUS_ONE)            \
    X(malloc, OTHER, NOTHING)              \
    X(calloc, OTHER, NOTHING)              \
    X(realloc, OTHER, NOTHING)

enum point_call {
#define POINT_CALL_ENUM(name, object, failure) CALL_##name,
    POINT_CALLS(POINT_CALL_ENUM)
#undef POINT_CALL_ENUM
        POINT_CALL_COUNT
};

/* What the first argument of a call names. */
enum point_object { OBJECT_OTHER, OBJECT_PATH, OBJECT_PATH_AT, OBJECT_FD };

/* How a call says that it failed: -1, a null pointer, or the error itself. */
enum point_failure { FAILURE_MINUS_ONE, FAILURE_NOTHING, FAILURE_CODE };

#endif
