/* SPDX-License-Identifier: Apache-2.0 */
/* What kelp keeps of a clone, clone.json, as a crash or anybody may have left it: it is refused in
 * words, or what was read is written to one that reads as the same. */
#include "git/clone.h"

#include "base/os.h"

#include <string.h>
#include <unistd.h>

/* A folder that looks like a clone, but for the description. */
static char *make_place(void)
{
    char *path = text_format("/dev/shm/fuzz-clone-%d", (int)getpid());
    AUTO_FREE char *side = text_format("%s.kelp", path);
    AUTO_FAULT f = {0};

    if (os_make_dirs(path, 0700, &f) < 0 || os_make_dirs(side, 0700, &f) < 0)
        bug("%s", f.message);
    return path;
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : !a && !b;
}

static bool same_clone(const struct clone *a, const struct clone *b)
{
    if (a->objects.count != b->objects.count)
        return false;
    for (size_t i = 0; i < a->objects.count; i++)
        if (strcmp(a->objects.at[i], b->objects.at[i]) != 0)
            return false;
    return same_text(a->repo, b->repo) && same_text(a->run, b->run) &&
           same_text(a->branch, b->branch) && same_text(a->tip, b->tip) &&
           same_text(a->who.name, b->who.name) && same_text(a->who.email, b->who.email) &&
           a->who.fallback == b->who.fallback && a->raw == b->raw && a->sha256 == b->sha256;
}

static void check_round_trip(const struct clone *clone)
{
    AUTO_CLONE again = {0};
    AUTO_FAULT f = {0};

    if (!git_is_oid(clone->tip))
        bug("the tip '%s' is no commit", clone->tip);
    if (clone_save(clone, &f) < 0 || clone_open(clone->path, &again, &f) < 0)
        bug("what was read is not written: %s", f.message);
    if (!same_clone(clone, &again))
        bug("a clone changed on its way");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *place = make_place();
    AUTO_FREE char *json = text_format("%s.kelp/clone.json", place);
    AUTO_CLONE clone = {0};
    AUTO_FAULT f = {0}, gone = {0};

    if (os_write_file(json, (const char *)data, size, 0600, &f) < 0)
        bug("%s", f.message);
    if (clone_open(place, &clone, &f) == 0)
        check_round_trip(&clone);
    else if (f.code == FAULT_NOT_FOUND || !f.message)
        bug("a clone with a description is not there");
    return clone_remove(place, &gone) < 0;
}
