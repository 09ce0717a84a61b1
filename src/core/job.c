/* SPDX-License-Identifier: Apache-2.0 */
#include "core/job.h"

static const struct {
    const char *name;
    enum job_way way;
} kinds[JOB_KIND_COUNT] = {
#define JOB_KIND_ROW(name, way, word) [JOB_##name] = {word, JOB_WAY_##way},
    JOB_KINDS(JOB_KIND_ROW)
#undef JOB_KIND_ROW
};

const char *job_kind_name(enum job_kind kind)
{
    return kinds[kind].name;
}

enum job_way job_kind_way(enum job_kind kind)
{
    return kinds[kind].way;
}
