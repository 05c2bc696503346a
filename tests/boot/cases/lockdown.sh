# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The new instance is locked down, so that nothing of the handover can be read.
# The note of its update is there still, but no reason to say that it was lost.

need /sbin/baton
. /cases/handover-lib.sh

case $STEP in
0)
	hold_two
	start_target --pid "$ONE" --name one --map memfd:one-huge
	;;
1)
	mount -t securityfs securityfs /sys/kernel/security
	echo integrity >/sys/kernel/security/lockdown || bad "lockdown"
	mkdir -p /var/lib/baton
	echo '{ "generation": 1, "id": "6f1b9c52-7d0e-4a3b-9f58-21c4e7a08d36", "when": 1790000000, "boot": "x" }' \
		>/var/lib/baton/update.json
	refused 3 EPERM baton status
	check "the note stays" [ -e /var/lib/baton/update.json ]
	finish
	;;
esac
