/* SPDX-License-Identifier: Apache-2.0 */
/* In builds that measure coverage: a test that ends in bug() still counts. */
#include <stdlib.h>

void __gcov_dump(void);
_Noreturn void __real_abort(void);
_Noreturn void __wrap_abort(void);

_Noreturn void __wrap_abort(void)
{
    __gcov_dump();
    __real_abort();
}
