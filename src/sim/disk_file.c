/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/disk_file.h"

#include "base/os.h"

#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, FILE_BYTES_MAX = 1 << 30 };

static void drop_changes(struct disk_file *file)
{
    for (size_t i = 0; i < file->changes.count; i++)
        free(file->changes.at[i].bytes);
    vector_free(&file->changes);
}

static void forget(struct disk_files *files, size_t index)
{
    struct disk_file *file = files->list.at[index];
    size_t behind = --files->list.count - index;

    memmove(files->list.at + index, files->list.at + index + 1, behind * sizeof *files->list.at);
    drop_changes(file);
    text_free(&file->durable);
    free(file->path);
    free(file);
}

static void read_whole(const char *path, struct text *to)
{
    AUTO_FAULT f = {0};

    if (os_read_file(path, FILE_BYTES_MAX, to, &f) < 0)
        bug("a file of the disk can't be read: %s", f.message);
}

/* Returns the index of the file that has the name now, or the count of files. */
static size_t find(const struct disk_files *files, const char *path)
{
    size_t i = 0;

    while (i < files->list.count &&
           (files->list.at[i]->removed || strcmp(files->list.at[i]->path, path) != 0))
        i++;
    return i;
}

struct disk_file *disk_file_open(struct disk_files *files, const char *path, bool made)
{
    size_t i = find(files, path);

    /* Nobody watched it meanwhile: another file may have taken its place. */
    if (i < files->list.count && !files->list.at[i]->users &&
        (made || !files->list.at[i]->changes.count)) {
        forget(files, i);
        i = files->list.count;
    }
    if (i == files->list.count) {
        struct disk_file *file = MEM_NEW(struct disk_file);
        file->path = mem_string(path);
        file->name_durable = !made;
        read_whole(path, &file->durable);
        vector_push(&files->list, file);
    }
    files->list.at[i]->users++;
    return files->list.at[i];
}

void disk_file_close(struct disk_file *file)
{
    file->users--;
}

static void put(struct text *to, uint64_t at, const char *bytes, size_t length)
{
    while (to->length < at + length)
        text_add_char(to, '\0');
    memcpy(to->data + at, bytes, length);
}

static void put_length(struct text *to, uint64_t length)
{
    if (length < to->length)
        text_cut(to, length);
    while (to->length < length)
        text_add_char(to, '\0');
}

static void apply(struct text *to, const struct disk_change *change)
{
    if (change->bytes)
        put(to, change->at, change->bytes, change->length);
    else
        put_length(to, change->at);
}

void disk_file_write(struct disk_file *file, uint64_t at, const void *bytes, size_t length)
{
    char *copy = mem_alloc(length + 1); /* a write of nothing is no truncation */

    memcpy(copy, bytes, length);
    vector_push(&file->changes, (struct disk_change){.at = at, .bytes = copy, .length = length});
}

void disk_file_resize(struct disk_file *file, uint64_t length)
{
    vector_push(&file->changes, (struct disk_change){.at = length});
}

static void sync_names(struct disk_files *files)
{
    for (size_t i = files->list.count; i-- > 0;) {
        files->list.at[i]->name_durable = true;
        if (files->list.at[i]->removed && !files->list.at[i]->users)
            forget(files, i);
    }
}

void disk_file_sync(struct disk_files *files, struct disk_file *file)
{
    for (size_t i = 0; i < file->changes.count; i++)
        apply(&file->durable, &file->changes.at[i]);
    drop_changes(file);
    if (!file->name_durable)
        sync_names(files);
}

void disk_file_remove(struct disk_files *files, const char *path, bool durably)
{
    size_t i = find(files, path);

    if (i < files->list.count)
        files->list.at[i]->removed = true;
    if (durably)
        sync_names(files);
}

/* How a cut treats what was not synced. All but the last have happened to people's disks often
 * enough to be worth more than their share of chance. */
enum mood { MOOD_LOSES_ALL, MOOD_KEEPS_ALL, MOOD_KEEPS_FIRST, MOOD_MIXES, MOOD_COUNT };

static bool survives(enum mood mood, struct dice *dice, bool *cut)
{
    switch (mood) {
    case MOOD_LOSES_ALL:
        return false;
    case MOOD_KEEPS_FIRST:
        *cut = *cut || dice_below(dice, 4) == 0;
        return !*cut;
    case MOOD_MIXES:
        return dice_below(dice, 2) == 0;
    case MOOD_KEEPS_ALL:
    case MOOD_COUNT:
        break;
    }
    return true;
}

/* Some of its sectors, each whole or not at all. */
static void apply_torn(struct text *to, const struct disk_change *change, struct dice *dice)
{
    for (uint64_t at = 0; change->bytes && at < change->length;) {
        uint64_t rest = SECTOR - (change->at + at) % SECTOR;
        uint64_t length = rest < change->length - at ? rest : change->length - at;
        if (dice_below(dice, 2))
            put(to, change->at + at, change->bytes + at, length);
        at += length;
    }
}

static void survive(struct disk_file *file, enum mood mood, struct dice *dice)
{
    bool cut = false;

    for (size_t i = 0; i < file->changes.count; i++) {
        const struct disk_change *change = &file->changes.at[i];
        if (survives(mood, dice, &cut))
            apply(&file->durable, change);
        else if (mood != MOOD_LOSES_ALL && dice_below(dice, 2))
            apply_torn(&file->durable, change, dice);
    }
    drop_changes(file);
}

static void write_whole(const struct disk_file *file)
{
    AUTO_FAULT f = {0};

    if (os_write_file(file->path, text_get(&file->durable), file->durable.length, 0644, &f) < 0)
        bug("a file of the disk can't be written: %s", f.message);
}

/* Whether the file is found under its name. What others took away stays away. */
static bool is_found(const struct disk_file *file, struct dice *dice)
{
    if (file->removed)
        return dice_below(dice, 2);
    return os_exists(file->path) && (file->name_durable || dice_below(dice, 2));
}

/* A removed file may be back where the one that took its name is not, so all names go first. */
void disk_files_survive(struct disk_files *files, struct dice *dice)
{
    enum mood mood = dice_below(dice, MOOD_COUNT);

    for (size_t i = 0; i < files->list.count; i++) {
        struct disk_file *file = files->list.at[i];
        file->name_durable = is_found(file, dice);
        if (!file->name_durable && !file->removed)
            (void)unlink(file->path); /* if it is there */
    }
    for (size_t i = 0; i < files->list.count; i++) {
        survive(files->list.at[i], mood, dice);
        if (files->list.at[i]->name_durable)
            write_whole(files->list.at[i]);
    }
    disk_files_forget(files);
}

void disk_files_forget(struct disk_files *files)
{
    while (files->list.count)
        forget(files, files->list.count - 1);
    vector_free(&files->list);
}
