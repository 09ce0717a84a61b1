/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the parts of kelp lie. A program finds its companions from its own place, so that a build
 * folder works as it stands, and an installation works wherever it is moved to:
 *
 *     build folder    build/kelp       build/NAME
 *     tests           build/tests/x    build/NAME
 *     installed       bin/kelp         libexec/kelp/NAME (programs), share/kelp/NAME (data)
 */
#ifndef KELP_BASE_INSTALL_H
#define KELP_BASE_INSTALL_H

#include "base/fault.h"

/* The path of a companion program such as "kelp-keeper"; the caller frees. */
int install_program(const char *name, char **ret_path, struct fault *f) MUST_CHECK;
/* The path of a data file or folder such as "recipes"; the caller frees. */
int install_data(const char *name, char **ret_path, struct fault *f) MUST_CHECK;

#endif
