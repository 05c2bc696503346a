# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A Xen that found what an update left, good or spoiled: its dom0 comes up. The
# console has what Xen says, and the frames are looked at from outside.

check "this Xen knows kept guests" \
	grep -q 'baton-pv-1 ' /sys/hypervisor/properties/capabilities
finish
