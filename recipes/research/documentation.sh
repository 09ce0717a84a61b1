#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Wave 0, documentation: documents, README gaps, undocumented folders, dead links.
here=${KELP_RECIPES:-}
[ -f "$here/agent.sh" ] || here=$(dirname -- "$0")/..
exec sh "$here/agent.sh" research documentation
