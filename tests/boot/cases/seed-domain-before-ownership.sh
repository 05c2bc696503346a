# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Frames of a domain that was not declared: no owner without a domain.

# shellcheck disable=SC2034
CODE=EDOMID
. /cases/malform.sh
