#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Wave 0, security: secrets, permissions, what CI lets strangers run.
here=${KELP_RECIPES:-}
[ -f "$here/agent.sh" ] || here=$(dirname -- "$0")/..
exec sh "$here/agent.sh" research security
