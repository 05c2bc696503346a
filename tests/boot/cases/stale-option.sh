# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A plain boot whose command line has baton= from somewhere: the place is this
# kernel's own memory, so nothing there is believed, and it is no parent of an
# update. Then the note of an update that this boot should have been.

need /sbin/baton
. /cases/handover-lib.sh

refused 9 ESTALE baton status
check "the region is the crash kernel's" \
	sh -c "baton region | grep -q 'from crash kernel'"
hold_two
check "an update from here is packed and loaded" baton upgrade --no-exec \
	--pid "$ONE" --name one --map memfd:one-huge \
	--kernel /images/vmlinuz --cmdline quiet --policy reset
check "it is the first of its chain" sh -c \
	"baton inspect /run/baton/loaded.dtb | grep -q 'generation 1,'"
check "no note yet" [ ! -e /var/lib/baton/update.json ]
mkdir -p /var/lib/baton
echo '{ "generation": 7, "id": "6f1b9c52-7d0e-4a3b-9f58-21c4e7a08d36", "when": 1790000000, "boot": "x" }' \
	>/var/lib/baton/update.json
refused 9 ELOST baton status
check "which one" grep -q "update 7, id 6f1b9c52" /run/out
check "for programs" sh -c \
	"baton status --json 2>/dev/null | grep -q '\"state\": *\"lost\"'"
# with the id of this boot the update has not left it yet
sed -i "s/\"x\"/\"$(cat /proc/sys/kernel/random/boot_id)\"/" \
	/var/lib/baton/update.json
refused 9 ESTALE baton status
finish
