# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Pieces of the cases with Xen. Sourced after lib.sh. On a dom0's command line:
# baton.case and the like, as everywhere.

if [ "$(cat /sys/hypervisor/type 2>/dev/null)" = xen ]; then
	(cd / && cpio -idm </files/xen-tools.cpio 2>/dev/null)
	for ko in xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc; do
		insmod /lib/modules/$ko.ko
	done
	mount -t xenfs xenfs /proc/xen
fi

XEN_CMDLINE="console=com1 com1=115200,8n1 dom0_mem=512M,max:512M"

# The command line of the next dom0: this instance's case, another console
dom0_cmdline() {
	echo "console=hvc0 quiet panic=-1 baton.case=$NAME" \
		"baton.script=$SCRIPT baton.step=$((STEP + 1))"
}

# upgrade_to_xen OPTIONS...: start Xen with the dom0 in /files
upgrade_to_xen() {
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade "$@" --target xen --kernel /files/xen.gz \
		--cmdline "$XEN_CMDLINE" \
		--module "/files/vmlinuz-dom0 $(dom0_cmdline)" \
		--module /tmp/initrd --policy reset
	bad "upgrade came back with $?"
	finish
}
