/* SPDX-License-Identifier: Apache-2.0 */
#include "process/groups.h"

#include "base/os.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SMALL_FILE_MAX_BYTES = 4 << 20, NAME_BYTES = 64 };

static int read_file(const char *path, struct text *ret_text)
{
    AUTO_FAULT fault = {0};

    if (os_read_file(path, SMALL_FILE_MAX_BYTES, ret_text, &fault) < 0)
        return fault.sys_errno ? -fault.sys_errno : -EIO;
    return 0;
}

/* Cuts the first line off `*rest` and ends it; NULL when there is none left. */
static char *next_line(char **rest)
{
    char *line = *rest;

    if (!line || !*line)
        return NULL;
    char *end = strchr(line, '\n');
    *rest = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return line;
}

/* Whether a word of the list, which commas or blanks separate, is `word`. */
static bool lists(const char *list, size_t length, const char *word)
{
    size_t of_word = strlen(word);

    for (size_t i = 0; i < length;) {
        size_t one = strcspn(list + i, ", ");
        one = one < length - i ? one : length - i;
        if (one == of_word && memcmp(list + i, word, one) == 0)
            return true;
        i += one + 1;
    }
    return false;
}

/* A line of /proc/self/cgroup: "4:memory:/path", or "0::/path" for cgroup v2. */
static const char *path_in_line(const char *line, const char *controller)
{
    const char *list = strchr(line, ':');
    const char *path = list ? strchr(list + 1, ':') : NULL;

    if (!path)
        return NULL;
    size_t length = (size_t)(path - list - 1);
    bool is = controller ? lists(list + 1, length, controller) : !length && text_starts(line, "0:");
    return is ? path + 1 : NULL;
}

static int own_group(char *rest, const char *controller, char **ret_path)
{
    char *line;

    while ((line = next_line(&rest)) != NULL) {
        const char *path = path_in_line(line, controller);
        if (!path)
            continue;
        if (text_starts(path, "/.."))
            return -ENOENT; /* outside of what this container sees */
        *ret_path = mem_string(path);
        return 0;
    }
    return -ENOENT;
}

/* A line of mountinfo: "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS ... - TYPE SOURCE MORE". */
static bool is_mount(const char *line, const char *controller, char *root, char *point)
{
    const char *type = strstr(line, " - ");

    if (!type || sscanf(line, "%*s %*s %*s %4095s %4095s", root, point) != 2)
        return false;
    type += strlen(" - ");
    if (!controller)
        return text_starts(type, "cgroup2 ");
    return text_starts(type, "cgroup ") && lists(type, strlen(type), controller);
}

static int find_mount(char *rest, const char *controller, char *root, char *point)
{
    char *line;

    while ((line = next_line(&rest)) != NULL)
        if (is_mount(line, controller, root, point))
            return 0;
    return -ENOENT;
}

int groups_home(char **ret_path)
{
    return groups_home_of(NULL, ret_path);
}

int groups_parse_home(char *cgroup, char *mountinfo, const char *controller, char **ret_path)
{
    char root[4096], point[4096];
    AUTO_FREE char *own = NULL;

    int r = own_group(cgroup, controller, &own);
    if (r == 0)
        r = find_mount(mountinfo, controller, root, point);
    if (r < 0)
        return r;
    const char *below = own;
    if (strcmp(root, "/") != 0) {
        if (!text_starts(own, root))
            return -ENOENT;
        below = own + strlen(root);
    }
    *ret_path = text_format("%s%s", point, strcmp(below, "/") == 0 ? "" : below);
    return 0;
}

int groups_home_of(const char *controller, char **ret_path)
{
    AUTO_TEXT cgroup = {0}, mountinfo = {0};

    int r = read_file("/proc/self/cgroup", &cgroup);
    if (r == 0)
        r = read_file("/proc/self/mountinfo", &mountinfo);
    return r < 0 ? r : groups_parse_home(cgroup.data, mountinfo.data, controller, ret_path);
}

int groups_open(struct groups *ret_groups, const char *name)
{
    AUTO_FREE char *home = NULL;

    *ret_groups = (struct groups){.base_fd = -1};
    int r = groups_home(&home);
    if (r < 0)
        return r;
    AUTO_FREE char *path = os_path(home, name);
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        return -errno;
    return groups_open_at(ret_groups, path);
}

int groups_open_at(struct groups *ret_groups, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    *ret_groups = (struct groups){.base_fd = fd};
    if (fd < 0)
        return -errno;
    ret_groups->path = mem_string(path);
    return 0;
}

void groups_close(struct groups *groups)
{
    if (groups->path)
        groups_remove_below(groups->path);
    os_close_pointer(&groups->base_fd);
    free(groups->path);
    vector_free(&groups->free);
    *groups = (struct groups){.base_fd = -1};
}

static void name_of(uint32_t number, const char *file, char ret_name[NAME_BYTES])
{
    (void)snprintf(ret_name, NAME_BYTES, "a%u/%s", number, file);
}

static int open_file(const struct groups *groups, uint32_t number, const char *file, int flags)
{
    char name[NAME_BYTES];

    name_of(number, file, name);
    int fd = openat(groups->base_fd, name, flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int groups_take(struct groups *groups, uint32_t *ret_number, int *ret_fd)
{
    char name[NAME_BYTES];
    uint32_t number = groups->made;

    if (groups->base_fd < 0)
        return -ENOENT;
    if (groups->free.count)
        number = groups->free.at[--groups->free.count];
    name_of(number, "", name);
    if (number == groups->made && mkdirat(groups->base_fd, name, 0755) < 0)
        return -errno;
    if (number == groups->made)
        groups->made++;
    int fd = open_file(groups, number, "", O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
        groups_give_back(groups, number);
        return fd;
    }
    *ret_number = number;
    *ret_fd = fd;
    return 0;
}

void groups_give_back(struct groups *groups, uint32_t number)
{
    vector_push(&groups->free, number);
}

int groups_write(const char *folder, const char *file, const char *value)
{
    AUTO_FREE char *path = os_path(folder, file);
    AUTO_CLOSE fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    ssize_t n = TEMP_FAILURE_RETRY(write(fd, value, strlen(value)));
    return n < 0 ? -errno : 0;
}

bool groups_populated(const struct groups *groups, uint32_t number)
{
    char events[256];
    AUTO_CLOSE fd = open_file(groups, number, "cgroup.events", O_RDONLY);

    ssize_t n = fd < 0 ? -1 : read(fd, events, sizeof events - 1);
    if (n < 0)
        return true;
    events[n] = '\0';
    return strstr(events, "populated 0") == NULL;
}

char *groups_folder(const struct groups *groups, uint32_t number)
{
    return text_format("%s/a%u", groups->path, number);
}

void groups_processes(const struct groups *groups, uint32_t number, struct proc_list *list)
{
    AUTO_FREE char *path = groups_folder(groups, number);

    groups_processes_below(path, list);
}

void groups_remove(struct groups *groups, uint32_t number)
{
    AUTO_FREE char *path = groups_folder(groups, number);

    groups_remove_below(path);
}

void groups_kill(const struct groups *groups, uint32_t number)
{
    AUTO_FREE char *path = groups_folder(groups, number);

    groups_kill_below(path);
}

static void add_processes(const char *text, struct proc_list *list)
{
    while (*text) {
        char *end;
        long pid = strtoll(text, &end, 10);
        struct proc_stat stat;
        if (end == text)
            break;
        if (pid > 0 && proc_stat_read((pid_t)pid, &stat) == 0)
            vector_push(list, (struct proc_id){(pid_t)pid, stat.start_ticks});
        text = end;
        text += strspn(text, "\n");
    }
}

static void add_own_processes(const char *path, void *ctx)
{
    AUTO_FREE char *procs = os_path(path, "cgroup.procs");
    AUTO_TEXT text = {0};

    if (read_file(procs, &text) == 0)
        add_processes(text_get(&text), ctx);
}

static void remove_group(const char *path, void *ctx UNUSED)
{
    (void)rmdir(path); /* one that is in use stays, and is found by the next sweep */
}

/* Calls `visit` for the groups below `path`, deepest first, then for `path`. */
static void each_group(const char *path, void (*visit)(const char *path, void *ctx), void *ctx)
{
    DIR *entries = opendir(path);
    struct dirent *entry;

    while (entries && (entry = readdir(entries)) != NULL) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        AUTO_FREE char *below = os_path(path, entry->d_name);
        each_group(below, visit, ctx);
    }
    if (entries)
        (void)closedir(entries);
    visit(path, ctx);
}

void groups_processes_below(const char *path, struct proc_list *list)
{
    each_group(path, add_own_processes, list);
}

void groups_remove_below(const char *path)
{
    each_group(path, remove_group, NULL);
}

void groups_kill_below(const char *path)
{
    struct proc_list list = {0};
    AUTO_FREE char *file = os_path(path, "cgroup.kill");
    AUTO_CLOSE fd = open(file, O_WRONLY | O_CLOEXEC);

    if (fd >= 0 && write(fd, "1", 1) == 1)
        return;
    /* Before Linux 5.14 there is no such file: one by one, and the caller looks again. */
    groups_processes_below(path, &list);
    for (size_t i = 0; i < list.count; i++)
        (void)proc_signal(list.at[i], SIGKILL);
    vector_free(&list);
}
