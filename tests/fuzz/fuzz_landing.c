/* SPDX-License-Identifier: Apache-2.0 */
/* The note of a landing that was cut short, as it lies in the user's repository: it is refused, or
 * names two commits, and what was read is written to a note that reads as the same. */
#include "git/land_priv.h"

#include "base/json.h"
#include "base/os.h"

#include <string.h>
#include <unistd.h>

static void check_round_trip(const struct landing_note *note)
{
    AUTO_FREE char *dir = text_format("/dev/shm/fuzz-landing-%d", (int)getpid());
    AUTO_FREE char *path = os_path(dir, "kelp-landing");
    const struct landing l = {.git_dir = dir,
                              .branch = (char *)note->branch,
                              .head = (char *)note->from,
                              .target = (char *)note->to};
    json_auto_t *json = NULL;
    AUTO_FAULT f = {0};
    struct landing_note again;

    if (os_make_dirs(dir, 0700, &f) < 0 || landing_note_write(&l, &f) < 0 ||
        json_read_file(path, 1 << 20, &json, &f) < 0)
        bug("%s", f.message);
    if (landing_note_read(json, &again) < 0)
        bug("what was written is refused");
    if (strcmp(note->branch, again.branch) != 0 || strcmp(note->to, again.to) != 0 ||
        !note->from != !again.from || (note->from && strcmp(note->from, again.from) != 0))
        bug("a note changed on its way");
    if (landing_note_remove(&l, &f) < 0 || rmdir(dir) < 0)
        bug("'%s' stays behind", dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *json = NULL;
    AUTO_FAULT f = {0};
    struct landing_note note;

    if (json_parse((const char *)data, size, "kelp-landing", &json, &f) < 0 ||
        landing_note_read(json, &note) < 0)
        return 0;
    if (!git_is_oid(note.to) || (note.from && !git_is_oid(note.from)))
        bug("from '%s' to '%s', which are no commits", note.from ? note.from : "", note.to);
    check_round_trip(&note);
    return 0;
}
