/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session.h"

#include "base/os.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { FILE_VERSION = 1, FILE_MAX = 256 * 1024 * 1024 };

void session_new_id(char ret_id[SESSION_ID_BYTES])
{
    unsigned char bytes[(SESSION_ID_BYTES - 1) / 2];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        bug("the system has no random numbers");
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(ret_id + 2 * i, 3, "%02x", bytes[i]); /* it fits */
}

/* IDs come from outside and become names of files. */
static bool is_id(const char *id)
{
    return *id && strlen(id) < 100 && !id[strspn(id, "0123456789abcdefghijklmnopqrstuvwxyz-")];
}

int session_save(const char *dir, const char *id, const struct conversation *c, struct fault *f)
{
    AUTO_FREE char *path = text_format("%s/%s.json", dir, id);
    json_auto_t *file = json_pack("{s:i, s:s, s:o}", "version", FILE_VERSION, "session", id,
                                  "messages", conversation_json(c));
    AUTO_FREE char *text = json_text(file, 0);

    int r = os_write_file(path, text, strlen(text), 0600, f);
    return r < 0 ? fault_wrap(f, "keep the session") : 0;
}

int session_load(const char *dir, const char *id, struct conversation *ret, struct fault *f)
{
    AUTO_FREE char *path = text_format("%s/%s.json", dir, id);
    json_auto_t *file = NULL;

    if (!is_id(id) || !os_exists(path))
        return fault_set(f, FAULT_NOT_FOUND, "there is no session '%s' in '%s'", id, dir);
    int r = json_read_file(path, FILE_MAX, &file, f);
    if (r < 0)
        return fault_wrap(f, "session '%s'", id);
    if (json_get_int(file, "version", 0) > FILE_VERSION)
        return fault_set(f, FAULT_NEWER, "session '%s' was written by a newer kelp", id);
    if (conversation_read(json_object_get(file, "messages"), ret, f) < 0) {
        fault_clear(f);
        return fault_set(f, FAULT_CORRUPT, "session '%s' is damaged: '%s'", id, path);
    }
    return 0;
}
