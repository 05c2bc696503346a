# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The LU stream stays where it is: an update whose stream is named by its
# pages, from the new instance another one, with all states as they were.
# `reference.spoil` changes a byte of it behind the loader's back: the stub
# refuses, and the fallback knows which domain's records are damaged.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

MIB=$(sed -n 's/.*reference.mib=\([0-9]*\).*/\1/p' /proc/cmdline)

# States of so many MiB, as a guest's firmware and video memory would be
make_state() {
	dd if=/dev/urandom of=/run/seed bs=1M count=1 2>/dev/null
	i=0
	while [ $i -lt "${MIB:-40}" ]; do
		cat /run/seed
		i=$((i + 1))
	done >/tmp/big.state
	sha256sum </tmp/big.state >/tmp/big.sum
}

prove_state() {
	check "state of ${MIB:-40} MiB" [ "$(baton state one big | sha256sum)" = \
		"$(baton state one sum)" ]
	check "status names the stream" grep -q "^stream " /run/status
	for words in "state one big" "state one sum" "status" "status --log" \
		"status --json" "status --extents" region; do
		baton $words >/dev/full
		check "to a full disk: $words" [ $? = 1 ]
	done
}

case $STEP in
0)
	hold_two
	make_state
	if ! grep -q reference.spoil /proc/cmdline; then
		start_target --pid "$ONE" --name one --map memfd:one-huge \
			--map memfd:one-small --state note=/run/one.state \
			--state big=/tmp/big.state --state sum=/tmp/big.sum \
			--pid "$TWO" --name two --map memfd:two-huge \
			--map memfd:two-small --inline-max 1M
	fi
	next_initrd /tmp/initrd
	baton collect --pid "$ONE" --name one --map memfd:one-huge \
		--pid "$TWO" --name two --map memfd:two-huge \
		--state big=/tmp/big.state -o /run/two.lu || bad "collect"
	baton pack --stream /run/two.lu --kernel /images/vmlinuz \
		--initrd /tmp/initrd --fallback-kernel /images/vmlinuz \
		--fallback-initrd /tmp/initrd --fallback-cmdline \
		"$(next_cmdline)" \
		-o /run/two.dtb || bad "pack"
	baton inspect /run/two.dtb | grep "^stream" || bad "inspect"
	baton load /run/two.dtb || bad "load"
	cp /run/two.lu /run/other.lu
	mv /run/other.lu /run/two.lu
	baton exec
	check "exec: the stream is elsewhere" [ $? = 6 ]
	check "unload" baton unload
	baton pack --stream /run/two.lu --kernel /images/vmlinuz \
		--initrd /tmp/initrd --fallback-kernel /images/vmlinuz \
		--fallback-initrd /tmp/initrd --fallback-cmdline \
		"$(next_cmdline)" \
		-o /run/two.dtb && baton load /run/two.dtb || bad "again"
	list_frames
	# a byte of the second domain's state
	printf '\377\376' | dd of=/run/two.lu bs=1 seek=4000000 conv=notrunc \
		2>/dev/null
	baton exec
	check "exec: the stream is another" [ $? = 7 ]
	kexec -e
	bad "kexec came back"
	finish
	;;
1)
	baton status >/run/status || bad "status"
	if grep -q reference.spoil /proc/cmdline; then
		cat /run/status
		baton status --json >/run/status.json
		check "one domain is intact, one is not" \
			[ "$(grep -c '"intact": *true' /run/status.json)" = 1 ]
		baton salvage one -o /tmp/one.core || bad "salvage"
		check "salvaged core" holder --check-core /tmp/one.core
		finish
	fi
	prove 1
	prove_state
	start_target --inline-max 1M
	;;
2)
	baton status >/run/status || bad "status"
	prove 2
	prove_state
	finish
	;;
esac
