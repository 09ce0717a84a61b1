#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs one embedded agent in the git repository of the current folder:
#
#   agent.sh check CHECK...      e.g. documentation/links; see checks/
#   agent.sh research DIMENSION  the quick look of wave 0
#   agent.sh verify DIMENSION    drops earlier findings that do not hold
#   agent.sh rank DIMENSION      orders them by how often their files change
#   agent.sh report DIMENSION    the final list
#
# The result goes to $KELP_RESULT, or to standard output.
here=${KELP_RECIPES:-}
[ -f "$here/lib/agent.pl" ] || here=$(dirname -- "$0")
exec perl -I "$here/lib" "$here/lib/agent.pl" "$here" "$@"
