/* SPDX-License-Identifier: Apache-2.0 */
/* Files with commits that are nowhere else, made before what holds them goes. */
#ifndef KELP_GIT_BUNDLE_H
#define KELP_GIT_BUNDLE_H

#include "git/git.h"
#include "git/paths.h"

/* Borrowed. */
struct bundle_spec {
    const char *stem;         /* where it goes: its path without ".bundle" */
    const struct git *from;   /* the repository that has the commits; gets refs/kelp/kept/N */
    const struct git *user;   /* the one that is to be able to take it in; NULL: none */
    const struct paths *tips; /* full names; at least one */
    const struct text *safe;  /* "^<name>" lines: what it need not hold; others may be missing */
};

/* Writes STEM.bundle, or STEM.2.bundle and so on where there is one already, unless the newest has
 * these tips. Folders above are made. */
int bundle_keep(const struct bundle_spec *spec, struct fault *f) MUST_CHECK;
/* The newest one's path, which the caller frees; NULL: there is none. */
char *bundle_newest(const char *stem);
/* Of the commits that this call of `git rev-list --parents` lists those that no other has as a
 * parent. Appends to *ret_tips. */
int bundle_tips(const struct git *g, const char *const *rev_list, const struct text *input,
                struct paths *ret_tips, struct fault *f) MUST_CHECK;

#endif
