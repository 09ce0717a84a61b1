/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds every file of the given folders and files to a fuzz target once, without libFuzzer, so that
 * what a fuzzer has found stays found in every build. Every input is also cut short at a few
 * places: parsers break at ends.
 */
#include "base/os.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_BYTES_MAX = 1024 * 1024, CUTS = 8 };

/* A copy of exactly `size` bytes, so that a sanitizer sees a read of one more. */
static void feed(const char *data, size_t size)
{
    AUTO_FREE char *copy = mem_alloc(size);

    if (size)
        memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput((const uint8_t *)copy, size); /* always 0 */
}

static int replay_file(const char *path, struct fault *f)
{
    AUTO_TEXT input = {0};

    int r = os_read_file(path, INPUT_BYTES_MAX, &input, f);
    if (r < 0)
        return r;
    feed(text_get(&input), input.length);
    for (size_t cut = 1; cut < CUTS; cut++)
        feed(text_get(&input), input.length * cut / CUTS);
    return 0;
}

static int replay_dir(const char *dir, unsigned *count, struct fault *f)
{
    DIR *entries = opendir(dir);
    struct dirent *entry;
    int r = 0;

    if (!entries)
        return fault_set(f, FAULT_NOT_FOUND, "no corpus in '%s'", dir);
    while (r == 0 && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        AUTO_FREE char *path = os_path(dir, entry->d_name);
        r = replay_file(path, f);
        *count += r == 0;
    }
    (void)closedir(entries);
    return r;
}

int main(int argc, char **argv)
{
    AUTO_FAULT fault = {0};
    unsigned count = 0;
    int r = 0;

    for (int i = 1; i < argc && r == 0; i++) {
        if (os_is_dir(argv[i])) {
            r = replay_dir(argv[i], &count, &fault);
        } else {
            r = replay_file(argv[i], &fault);
            count += r == 0;
        }
    }
    if (r == 0 && count == 0)
        r = fault_set(&fault, FAULT_NOT_FOUND, "nothing to replay");
    if (r < 0)
        (void)fprintf(stderr, "replay: %s\n", fault.message);
    (void)printf("%u passed, %d failed\n", count, r < 0);
    return r < 0;
}
