#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Wave 0, tests: test files and their share, tests that are switched off.
here=${KELP_RECIPES:-}
[ -f "$here/agent.sh" ] || here=$(dirname -- "$0")/..
exec sh "$here/agent.sh" research tests
