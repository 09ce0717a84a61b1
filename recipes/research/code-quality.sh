#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Wave 0, code-quality: lines by language, long and complex functions.
here=${KELP_RECIPES:-}
[ -f "$here/agent.sh" ] || here=$(dirname -- "$0")/..
exec sh "$here/agent.sh" research code-quality
