# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The stream that is made of a guest's kept frames, in a file: Xen's own
# verify-stream-v2 finds nothing wrong; cut off by a byte it does.

need /sbin/baton
. /cases/xen-lib.sh

XEN_CMDLINE="console=com1 com1=115200,8n1 dom0_mem=800M,max:800M"

verify() {
	python3 -S /usr/bin/verify-stream-v2 -f xl -i "$1"
}

start_xen_tools
if [ "$STEP" = 0 ]; then
	start_guest g1 128 8
	wait_guest g1 "pattern unbroken" 60
	upgrade_to_xen --xen g1
fi
(cd / && cpio -idm </files/xen-verify.cpio 2>/dev/null)
check "the stream is written" baton restore --xen g1 -o /tmp/g1.save
check "it is for root alone" [ "$(stat -c %a /tmp/g1.save)" = 600 ]
check "Xen's checker accepts it" verify /tmp/g1.save
truncate -s $(($(stat -c %s /tmp/g1.save) - 1)) /tmp/g1.save
check "cut off it does not" sh -c \
	"! python3 -S /usr/bin/verify-stream-v2 -f xl -i /tmp/g1.save 2>/dev/null"
finish
