/* SPDX-License-Identifier: Apache-2.0 */
/* What an argument of `kelp run` is. */
#ifndef KELP_PLAN_KIND_H
#define KELP_PLAN_KIND_H

enum plan_file_kind {
    PLAN_FILE_NONE,    /* the text of a task */
    PLAN_FILE_YAML,    /* a plan in YAML or JSON */
    PLAN_FILE_MISSION, /* a mission in Markdown */
};

/* A file: what names one that exists, or ends in .yaml, .yml or .md. */
enum plan_file_kind plan_file_kind(const char *argument);

#endif
