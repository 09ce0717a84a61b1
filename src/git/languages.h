/* SPDX-License-Identifier: Apache-2.0 */
/* From the name of a file to the language that it is counted under. */
#ifndef KELP_GIT_LANGUAGES_H
#define KELP_GIT_LANGUAGES_H

/* Never NULL: "Other" for a name that says nothing. `path` may have folders. */
const char *language_of(const char *path);

#endif
