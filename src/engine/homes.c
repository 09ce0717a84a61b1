/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/homes.h"

#include "base/os.h"

#include <dirent.h>
#include <fts.h>
#include <string.h>

enum { FILES_MAX = 4096, FILE_MAX_BYTES = 64 * 1024 * 1024 };

static bool holds_text(const FTSENT *entry)
{
    return entry->fts_info == FTS_F && entry->fts_statp->st_size > 0 &&
           entry->fts_statp->st_size <= FILE_MAX_BYTES && !text_ends(entry->fts_name, "-wal") &&
           !text_ends(entry->fts_name, "-shm");
}

size_t homes_redact(const char *home, const struct redact *r)
{
    AUTO_FREE char *path = mem_string(home);
    char *const paths[] = {path, NULL};
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    size_t in_all = 0, files = 0, found;
    FTSENT *entry;

    if (!walk)
        return 0;
    while ((entry = fts_read(walk)) && files < FILES_MAX) {
        AUTO_FAULT unreadable = {0}; /* what its owner can't write is nothing that was written */
        files += entry->fts_info == FTS_F;
        if (holds_text(entry) && redact_file(r, entry->fts_path, &found, &unreadable) == 0)
            in_all += found;
    }
    (void)fts_close(walk);
    return in_all;
}

/* Of "ORG_1001.2.g1-I3"; ORCH_NONE if it belongs to none. */
static uint32_t orch_of_home(const struct tree *t, const char *name)
{
    AUTO_FREE char *text = mem_string_n(name, strcspn(name, "-"));
    char *again = strstr(text, ".g");
    AUTO_FAULT ignored = {0};
    struct exec_id id;

    if (again)
        *again = '\0';
    if (exec_id_parse(text, &id, &ignored) < 0)
        return ORCH_NONE;
    for (uint32_t i = 0; i < t->orchs.count; i++)
        if (exec_id_same(t->orchs.at[i].id, id))
            return i;
    return ORCH_NONE;
}

void homes_sweep(struct engine *e)
{
    AUTO_FREE char *homes = path_in_run(e, "homes");
    DIR *dir = opendir(homes);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        AUTO_FREE char *path = os_path(homes, entry->d_name);
        AUTO_FAULT f = {0};
        uint32_t orch = orch_of_home(e->tree, entry->d_name);
        if (orch == ORCH_NONE || tree_keeps_clone(e->tree, orch))
            continue;
        if (os_remove_tree(path, &f) < 0)
            log_write(e->options.log, LOG_LEVEL_WARNING, "%s", f.message);
    }
    if (dir)
        (void)closedir(dir);
}
