# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# KVM guests live through kvm.updates updates in a row. kvm.guests: a word for
# the backing of each (kind_of in kvm-lib.sh). kvm.steps=single: the update by
# its single commands, guests' frames listed for a look from outside;
# kvm.steps=word: by baton upgrade alone, and baton.conf.
# kvm.newer=yes: all hosts but the first have a newer QEMU. kvm.back=yes: the
# second update goes back to the first kernel. kvm.words: more of the guests'
# command lines (`load`: they have much to do), which tick within kvm.patience
# seconds. kvm.user=yes: QEMU is a user's who may do nothing else.

need /sbin/baton /files/kvm.cpio
. /cases/handover-lib.sh
. /cases/kvm-lib.sh

# A kernel without hibernation does not know the word
stays_awake() {
	! { echo disk >/sys/power/state; } 2>/dev/null || return 1
	! grep -q disk /sys/power/state || dmesg | grep -q "baton_mem: no hibernation"
}

UPDATES=$(option kvm.updates 1)
LAUNCH=
GUESTS=$(option kvm.guests huge | tr , ' ')
[ "$STEP" = 0 ] || tell_pause "up again"
unpack_kvm
[ "$STEP" = 0 ] || [ -z "$(option kvm.newer '')" ] || unpack_newer
connect
GUEST_WORDS=$(option kvm.words '')
[ -z "$(option kvm.user '')" ] || { allow_user; LAUNCH=as_user; }

if [ "$STEP" = 0 ]; then
	echo $(((GUEST_MIB / 2 + 8) * $(echo "$GUESTS" | wc -w))) \
		>/proc/sys/vm/nr_hugepages
	echo always >/sys/kernel/mm/transparent_hugepage/shmem_enabled
	PORT=0
	for KIND in $GUESTS; do
		PORT=$((PORT + 1))
		# shellcheck disable=SC2046
		start_guest "$KIND" $PORT $(kind_of "$KIND") $DEVICES
	done
	for KIND in $GUESTS; do
		wait_tick "$KIND" 3 "$(option kvm.patience 90)" ||
			{ bad "guest $KIND does not tick"; finish; }
	done
else
	mkdir -p /var/lib	# as any host has
	take_frames
	tell_pause "ready for guests"
	baton adopt --all 2>/run/adopt || { cat /run/baton/*.log; bad "baton adopt"; }
	cat /run/adopt
	[ -z "$DEVICES" ] || check "it waits for its bridge" \
		grep -q "waits for br0" /run/adopt
	tell_pause "all of them run"
	baton status
	baton status --pause
	tell_estimate
	baton status --pause --json | tr -d '\n' | sed 's/^/pause: /'
	echo
	for KIND in $GUESTS; do
		check "$KIND ticks after update $STEP" wait_tick "$KIND" 3 90
		[ -z "$LAUNCH" ] || check_user "$KIND"
	done
	mount -t debugfs debugfs /sys/kernel/debug
	check "KVM maps their memory by 2 MiB" \
		[ "$(cat /sys/kernel/debug/kvm/pages_2m)" -gt 8 ]
	check "the host does not hibernate over them" stays_awake
fi
if [ "$STEP" != 0 ]; then
	baton upgrade --kernel /images/vmlinuz --cmdline x >/run/out 2>&1
	check "an update without them is refused" \
		grep -q HO_EGUESTLEFT /run/out
fi
set --
for KIND in $GUESTS; do
	set -- "$@" --qemu "$GUEST_DIR/$KIND.qmp" --name "$KIND"
done
if [ "$STEP" = "$UPDATES" ]; then
	to_and_back "$@"
	check_disk
	finish
fi

if [ -n "$(option kvm.back '')" ] && [ "$STEP" != 0 ]; then
	NEXT=/images/vmlinuz-old
fi
ask_first "$@"
if [ "$(option kvm.steps all)" = word ]; then
	update_by_word
elif [ "$(option kvm.steps all)" = single ]; then
	update_by_steps "$@"
else
	start_target "$@"
fi
