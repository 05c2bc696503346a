# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A plain kexec of a host with far more memory than the machine that runs this
# test: what an update of the same host, whose memory is guests', is held against
# (bench/hosts). The old kernel uses 1 GiB of it (mem=1G), the next one has all.

need /sbin/kexec

if [ "$STEP" = 0 ]; then
	next_initrd /tmp/initrd || bad "next initrd"
	kexec -c -l /images/vmlinuz --initrd=/tmp/initrd \
		--command-line="$(next_cmdline | sed 's/mem=1G//')" || bad "kexec -l"
	drain
	kexec -e
	bad "kexec -e came back"
	finish
fi
memory=$(awk '/MemTotal/ { print int($2 / 1048576) }' /proc/meminfo)
check "all of the memory: $memory GiB" \
	[ "$memory" -ge "$(option hosts.least 0)" ]
finish
