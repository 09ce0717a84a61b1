#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Wave 0, dependencies: manifests, lock files, what is not pinned.
here=${KELP_RECIPES:-}
[ -f "$here/agent.sh" ] || here=$(dirname -- "$0")/..
exec sh "$here/agent.sh" research dependencies
