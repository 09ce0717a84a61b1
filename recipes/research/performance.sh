#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Wave 0, performance: size of tree and history, slow patterns in loops.
here=${KELP_RECIPES:-}
[ -f "$here/agent.sh" ] || here=$(dirname -- "$0")/..
exec sh "$here/agent.sh" research performance
