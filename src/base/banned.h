/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that are too easy to use wrongly become compile errors. The build
 * includes this file before every source file; system headers come first, so
 * that their own declarations are not poisoned.
 */
#ifndef KELP_BASE_BANNED_H
#define KELP_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol atof strtol
#pragma GCC poison localtime gmtime system popen

#endif
