/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in a shell command a place is: outside quotes, inside them, in a comment, or where no
 * value can be put safely. It follows sh as far as quoting goes. Where it can't be sure, the
 * answer is SHELL_UNSAFE.
 *
 *     struct shell_scan scan = {.text = command};
 *     shell_scan_to(&scan, offset);        offsets ascend
 *     ... shell_scan_kind(&scan) ...
 *     shell_scan_skip(&scan, offset);      what is replaced by a value is not read
 *     shell_scan_free(&scan);
 */
#ifndef KELP_CORE_SHELL_SCAN_H
#define KELP_CORE_SHELL_SCAN_H

#include "base/vector.h"

#include <stdbool.h>
#include <stddef.h>

enum shell_kind {
    SHELL_PLAIN,  /* a quoted word can stand here */
    SHELL_SINGLE, /* inside '...' */
    SHELL_DOUBLE, /* inside "..." */
    SHELL_COMMENT,
    SHELL_UNSAFE, /* after this, nothing that follows can be asked */
};

struct shell_document; /* a here-document that is due at the next line */

/* Set the text and zero the rest, which is the module's own. */
struct shell_scan {
    const char *text; /* borrowed */
    size_t pos, end;
    bool in_word;               /* a `#` here starts no comment */
    size_t dollar;              /* where the last lone `$` stood, + 1 */
    const char *unsure;         /* why nothing is safe any more; NULL */
    VECTOR(unsigned char) nest; /* what is open, the innermost last */
    VECTOR(struct shell_document) due;
};

void shell_scan_to(struct shell_scan *s, size_t offset);
enum shell_kind shell_scan_kind(const struct shell_scan *s);
/* Of SHELL_UNSAFE, for people: "inside backquotes". */
const char *shell_scan_why(const struct shell_scan *s);
void shell_scan_skip(struct shell_scan *s, size_t offset);
void shell_scan_free(struct shell_scan *s);
#define AUTO_SHELL_SCAN __attribute__((cleanup(shell_scan_free))) struct shell_scan

#endif
