/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations kept in a folder, a file each, so that another process can go on with them. */
#ifndef KELP_MODEL_SESSION_H
#define KELP_MODEL_SESSION_H

#include "model/conversation.h"

enum { SESSION_ID_BYTES = 33 }; /* with the NUL */

void session_new_id(char ret_id[SESSION_ID_BYTES]);
/* The file is the old one or the new one, whenever the process ends. */
int session_save(const char *dir, const char *id, const struct conversation *c,
                 struct fault *f) MUST_CHECK;
/* FAULT_NOT_FOUND where there is none of that ID, FAULT_CORRUPT where it is damaged. */
int session_load(const char *dir, const char *id, struct conversation *ret,
                 struct fault *f) MUST_CHECK;

#endif
