#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check-result.sh DIMENSION|FILE...: proves that the report of a dimension (the newest one in
# $KELP_CONTEXT/results), or a result file, is whole and well formed. Says what is wrong, exit 1.
here=$(dirname -- "$0")
exec perl -I "$here" "$here/check-result.pl" "$@"
