/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign text inside HTML or XML, in content and in attributes that stand in double quotes. */
#ifndef KELP_REPORT_MARKUP_H
#define KELP_REPORT_MARKUP_H

#include "base/text.h"

/* On one line; what a terminal would act on is shown as an escape, see base/escape.h. */
void markup_add_line(struct text *t, const char *s);

#endif
