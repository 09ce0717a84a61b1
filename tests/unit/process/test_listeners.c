/* SPDX-License-Identifier: Apache-2.0 */
#include "process/listeners.h"

#include "folder.h"

#include "base/fault.h"
#include "base/text.h"
#include "process/address.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void note(void *ctx, const char *path)
{
    text_printf(ctx, "%s|", path);
}

Test(listeners, are_those_that_listen_at_an_absolute_path)
{
    static const struct {
        const char *text, *paths;
    } cases[] = {
        {"", ""},
        {"Num       RefCount Protocol Flags    Type St Inode Path\n", ""},
        {"0: 00000002 00000000 00010000 0001 01 1590487 /tmp/a b\n", "/tmp/a b|"},
        {"0: 00000002 00000000 00010000 0005 01    12 /s\n1: 2 0 00010000 1 01 7 /t", "/s|/t|"},
        {"0: 00000002 00000000 00010000 0001 01 12  /s\n", ""}, /* " /s" is relative */
        {"0: 00000003 00000000 00000000 0001 03 12 /s\n", ""},  /* one that was accepted */
        {"0: 00000002 00000000 00000000 0002 01 12 /dgram\n", ""},
        {"0: 00000002 00000000 00010000 0001 01 12 @abstract\n", ""},
        {"0: 00000002 00000000 00010000 0001 01 12\n", ""},
        {"0: 00000002 00000000 00010000 0001 01 12 \n", ""},
        {"0: 00000002 00000000 00010000 0001 01 12 /proc/self/fd/6/s\n", ""},
        {"0: 00000002 00000000 00010000 0001 01 12 s\n", ""},
        {"0: 00000002 00000000 00010000 0001 01 12 /a\n/b\n", "/a|"}, /* a name with a line feed */
        {"/\n/ / / / / / /\n       /x", ""},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *text = mem_string(cases[i].text);
        AUTO_TEXT paths = {0};
        listeners_parse(text, note, &paths);
        cr_expect_str_eq(text_get(&paths), cases[i].paths, "case %zu", i);
    }
}

Test(listeners, are_found_on_this_machine)
{
    char *folder = folder_make();
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    AUTO_TEXT before = {0}, paths = {0};

    (void)strncpy(address.sun_path, folder_path(folder, "s"), sizeof address.sun_path - 1);
    AUTO_FREE char *line = text_format("%s|", address.sun_path);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listeners_each(note, &before), 0);
    cr_expect_null(strstr(text_get(&before), line), "nobody listens yet");
    cr_assert_eq(listen(fd, 1), 0);
    cr_assert_eq(listeners_each(note, &paths), 0);
    cr_expect_not_null(strstr(text_get(&paths), line));
    (void)close(fd);
    folder_remove(folder);
}
