# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# malform.sh with the policy `halt`.

CODE=EDOUBLE
POLICY=halt
. /cases/malform.sh
