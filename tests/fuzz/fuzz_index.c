/* SPDX-License-Identifier: Apache-2.0 */
/* Git's index file: any bytes are refused, or walked without leaving them. */
#include "git/index_file.h"

#include "git/sha1.h"

#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_TEXT bytes = {0};
    AUTO_INDEX_FILE file = {0};
    AUTO_FAULT f = {0};
    struct index_item item = {0};
    struct stat st = {0};
    unsigned char sum[SHA1_BYTES];

    /* With the checksum that belongs to it, or nothing would get past that. */
    sha1(data, size, sum);
    text_add_n(&bytes, (const char *)data, size);
    text_add_n(&bytes, (const char *)sum, sizeof sum);
    if (index_file_parse(&bytes, "fuzz", &file, &f) < 0)
        return 0;
    while (index_file_next(&file, &item)) {
        (void)strlen(item.path);
        index_item_set(&item, &st);
        if (!index_item_is(&item, &st))
            bug("an entry did not keep what it was told");
    }
    return 0;
}
