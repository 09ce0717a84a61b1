/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/history_file.h"

#include "base/json.h"
#include "base/os.h"
#include "core/tree.h"

#include <string.h>

enum { VERSION = 1, BYTES_MAX = 16 * 1024 * 1024 };

static const char *const kind_words[] = {[WORK_COMMAND] = "command", [WORK_MODEL] = "model"};

/* The file: what is known, and up to where the run that was noted last was noted. */
struct contents {
    struct history known;
    int64_t run, until_ms;
};

static char *path_of(const char *root)
{
    return os_path(root, ".kelp/history.json");
}

static bool read_entry(const json_t *value, struct history_entry *ret)
{
    const char *kind = json_get_string(value, "kind", "");
    int64_t count = json_get_int(value, "count", 0);

    *ret = (struct history_entry){.role = json_get_string(value, "role", NULL),
                                  .kind = strcmp(kind, kind_words[WORK_MODEL]) == 0 ? WORK_MODEL
                                                                                    : WORK_COMMAND,
                                  .minutes = json_get_number(value, "minutes", -1),
                                  .count = count > 0 ? (size_t)count : 0};
    return ret->role && ret->minutes >= 0 && count > 0 && strcmp(kind, kind_words[ret->kind]) == 0;
}

static int damaged(const char *path, struct fault *f)
{
    int r = fault_set(f, FAULT_CORRUPT, "'%s' is not a history of runs", path);

    fault_hint(f, "remove it: the next run begins a new one");
    return r;
}

static int read_contents(const char *path, struct arena *arena, struct contents *ret,
                         struct fault *f)
{
    json_auto_t *whole = NULL;
    size_t i;
    json_t *value;

    if (!os_exists(path))
        return 0;
    int r = json_read_file(path, BYTES_MAX, &whole, f);
    if (r < 0)
        return r;
    const json_t *agents = json_object_get(whole, "agents");
    if (json_get_int(whole, "version", 0) != VERSION || !json_is_array(agents))
        return damaged(path, f);
    ret->run = json_get_int(whole, "run", 0);
    ret->until_ms = json_get_int(whole, "until_ms", 0);
    json_array_foreach (agents, i, value) {
        struct history_entry entry;
        if (!read_entry(value, &entry))
            return damaged(path, f);
        history_set(&ret->known, arena, entry);
    }
    return 0;
}

int history_file_read(const char *root, struct arena *arena, struct history *ret, struct fault *f)
{
    AUTO_FREE char *path = path_of(root);
    struct contents contents = {0};
    int r = read_contents(path, arena, &contents, f);

    if (r == 0)
        *ret = contents.known;
    return r;
}

static int write_contents(const char *path, const struct contents *c, struct fault *f)
{
    json_t *agents = json_array();
    json_auto_t *whole =
        json_pack("{s:i, s:I, s:I, s:o}", "version", VERSION, "run", (json_int_t)c->run, "until_ms",
                  (json_int_t)c->until_ms, "agents", agents);

    for (size_t i = 0; i < c->known.count; i++) {
        const struct history_entry *e = &c->known.at[i];
        json_array_append_new(agents,
                              json_pack("{s:o, s:s, s:f, s:I}", "role", json_text_or_null(e->role),
                                        "kind", kind_words[e->kind], "minutes", e->minutes, "count",
                                        (json_int_t)e->count));
    }
    return json_write_file(path, whole, f);
}

int history_file_note(const char *root, const struct tree *t, struct fault *f)
{
    AUTO_ARENA arena = {0};
    AUTO_FAULT ignored = {0};
    AUTO_FREE char *path = path_of(root);
    struct contents contents = {0};

    if (read_contents(path, &arena, &contents, &ignored) < 0)
        contents = (struct contents){0};
    bool same = contents.run == t->request.number;
    tree_note_history(t, same ? contents.until_ms : 0, &contents.known, &arena);
    contents.run = t->request.number;
    contents.until_ms = t->now_ms;
    return write_contents(path, &contents, f);
}
