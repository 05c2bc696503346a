# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What a user does without Baton: a guest is stopped and saved to the host's disk, the
# host is exchanged by a plain kexec of the same kernel, and the guest is restored. The
# kernel is loaded beforehand, so that the guest stands still for nothing but what has
# to be. bench/peers holds it against the case peer-update.

need /sbin/kexec /files/kvm.cpio
. /cases/kvm-lib.sh

GUEST_WORDS=$(option kvm.words '')
DISK=/dev/vda

unpack_kvm
echo $((GUEST_MIB / 2 + 8)) >/proc/sys/vm/nr_hugepages
monitor huge
if [ "$STEP" = 0 ]; then
	# shellcheck disable=SC2046,SC2086
	start_guest huge 1 $(kind_of huge) $MONITOR
	wait_tick huge 3 600 || { bad "the guest does not tick"; finish; }
	next_initrd /tmp/initrd || bad "next initrd"
	kexec -c -l /images/vmlinuz --initrd=/tmp/initrd \
		--command-line="$(next_cmdline)" || bad "kexec -l"
	note "guest is stopped"
	cat "$GUEST_DIR/huge.mon.out" >/run/said &
	SAYS=$!
	# its prompt comes back once all has been written
	tell huge stop "migrate \"exec:cat >$DISK\"" "info migrate" quit
	wait $SAYS
	check "it is saved" grep -q "Migration status: completed" /run/said
	[ "$FAILED" = 0 ] || { cat /run/said; finish; }
	sync
	note "guest is saved"
	kexec -e
	bad "kexec -e came back"
	finish
fi
note "ready for guests"
# shellcheck disable=SC2046,SC2086
start_guest huge 1 $(kind_of huge) $MONITOR -incoming "exec:cat $DISK"
# as it was stopped it comes up stopped, and while it is read nobody can let it run
TRIES=0
while [ $TRIES -lt 3000 ] && ! grep -qs '^tick' "$GUEST_DIR/huge.console"; do
	tell huge cont
	TRIES=$((TRIES + 1))
	usleep 200000
done
check "the guest ticks" wait_tick huge 3 600
finish
