/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a model can do. One file and one row a tool; its arguments are checked against the schema
 * that the model is shown before it is called.
 */
#ifndef KELP_MODEL_TOOLS_H
#define KELP_MODEL_TOOLS_H

#include "base/json.h"
#include "model/conversation.h"
#include "model/inside.h"

enum { TOOL_RESULT_MAX = 30000 }; /* bytes of a result; its middle is left out */

/* What the tools work with; plain data, borrowed. */
struct toolbox {
    struct inside *inside;
    struct inside *context;  /* of kelp's, that can be read, too; NULL: none */
    const char *result_path; /* where `result` writes; NULL: there is no such tool */
    bool read_only;          /* list, read and search are all there is */
};

struct tool {
    const char *name;
    const char *description;
    const char *parameters; /* JSON schema of the arguments */
    const char *shown;      /* the argument that tells people what it is about */
    bool changes;
    /* Appends what the model is told. A fault is told to it as well; FAULT_REFUSED counts as a
     * denial. */
    int (*run)(const struct toolbox *box, const json_t *arguments, struct text *ret,
               struct fault *f);
};

extern const struct tool tool_list, tool_read, tool_search, tool_write, tool_edit, tool_run,
    tool_result;

/* What a call came to. */
struct tool_outcome {
    struct text text; /* for the model */
    bool ok, denied;
};

/* Where a path that is to be read is looked up. */
struct inside *tools_readable(const struct toolbox *box, const char *path);
/* The tools as a request names them. New reference. */
json_t *tools_describe(const struct toolbox *box);
/* What a call is about, for a line of display; "" if nothing is known. Borrowed from the call. */
const char *tools_detail(const struct call *call);
void tools_call(const struct toolbox *box, const struct call *call, struct tool_outcome *ret);

#endif
