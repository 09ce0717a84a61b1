/* SPDX-License-Identifier: Apache-2.0 */
/* A recording, as it is; and the same bytes as manifest and plan (divided by the first NUL) of one
 * whose sums are right, which no mutation would hit. What can be read is compared with itself. */
#include "record/recording.h"

#include "journal/checksum.h"
#include "record/collect.h"
#include "record/container.h"
#include "record/outline.h"

#include <string.h>

/* libfyaml 0.7.12 itself loses a buffer for a scalar of some forty quotes and more. The unit tests
 * run without this, so that leaks of ours are seen there. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so\n";
}

static int check_piece(void *context, const struct container_piece *piece, struct fault *f)
{
    (void)context;
    (void)f;
    if (!container_name_is_good(piece->name))
        bug("a piece with the name '%s'", piece->name);
    return 0;
}

static void read_whole(struct text *file)
{
    AUTO_ARENA a = {0};
    AUTO_FAULT f = {0};
    AUTO_FAULT none = {0};
    AUTO_RECORDING r = {0};

    if (container_read(file, "fuzz", check_piece, NULL, &f) < 0)
        return;
    if (recording_parse(file, "fuzz", &a, &r, &none) < 0)
        return;
    (void)recording_stops(&r);
    json_auto_t *differences = outline_compare(r.outline, r.outline);
    if (json_array_size(differences))
        bug("a recording differs from itself");
}

static void add_piece(struct text *file, const char *name, const uint8_t *data, size_t size)
{
    text_printf(file, "%s %zu %08x\n", name, size, checksum_add(0, data, size));
    text_add_n(file, (const char *)data, size);
    text_add_char(file, '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t head = nul ? (size_t)(nul - data) : size;
    AUTO_TEXT raw = {0};
    AUTO_TEXT sealed = {0};

    text_add_n(&raw, (const char *)data, size);
    read_whole(&raw);
    text_printf(&sealed, "kelp-recording %d\n", CONTAINER_VERSION);
    add_piece(&sealed, RECORDING_MANIFEST, data, head);
    add_piece(&sealed, RECORDING_PLAN, data + head + (nul != NULL), size - head - (nul != NULL));
    text_add(&sealed, "end 2\n");
    read_whole(&sealed);
    return 0;
}
