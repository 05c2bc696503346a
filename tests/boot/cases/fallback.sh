# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# An update that fails in the stub (a test build of it, or a blob that is
# damaged on the way) ends in the fallback: in the region alone, every guest
# byte where it was. There the domains are listed, one is copied out, and a
# new update, with the stub that works, brings them all into a new instance.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

# One domain's records are damaged: it is named, and not touched
damaged() {
	check "one domain is intact, one is not" \
		[ "$(grep -c '"intact": *true' /run/status.json)" = 1 ]
	baton status | grep DAMAGED || bad "the table says which"
	baton salvage one -o /tmp/one.core || bad "salvage of the intact one"
	check "salvaged core" holder --check-core /tmp/one.core
	baton salvage two -o /tmp/two.core
	check "salvage of the other is refused" [ $? = 7 ]
	baton upgrade --kernel /images/vmlinuz --cmdline quiet --policy halt
	check "so is a new update" [ $? = 7 ]
	finish
}

# The tree itself is damaged: the reason is there, the rest is not
unreadable() {
	baton status | grep "cannot be read" || bad "status does not say so"
	baton salvage one -o /tmp/one.core
	check "nothing to salvage by name" [ $? = 6 ]
	finish
}

# A fallback that was given nothing has the command line of step 0
if grep -q baton.failed= /proc/cmdline && [ "$STEP" = 0 ]; then
	STEP=1
fi

case $STEP in
0)
	hold_two
	next_initrd /tmp/initrd || bad "next initrd"
	if [ "$(option fallback.default no)" = yes ]; then
		mkdir -p /boot
		cp /images/vmlinuz-old "/boot/vmlinuz-$(uname -r)"
		mv /tmp/initrd "/boot/initrd.img-$(uname -r)"
		baton upgrade --stub /files/stub.bin --no-exec \
			--pid "$ONE" --name one --map memfd:one-huge \
			--map memfd:one-small --state note=/run/one.state \
			--pid "$TWO" --name two --map memfd:two-huge \
			--map memfd:two-small --state note=/run/two.state \
			--kernel /images/vmlinuz || bad "upgrade --no-exec"
		baton inspect /run/baton/loaded.dtb | grep -A2 ^fallback
		list_frames
		baton exec
		bad "exec came back with $?"
		finish
	fi
	[ -e /files/stub.bin ] || set -- /usr/lib/baton/stub.bin
	baton upgrade --stub "${1:-/files/stub.bin}" \
		--pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small --state note=/run/two.state \
		--kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$(next_cmdline) baton.step=99" \
		--policy "$(option fallback.policy fallback,reset)" \
		--digest "$(option fallback.digest sha256)" \
		--fallback-kernel /images/vmlinuz \
		--fallback-initrd /tmp/initrd \
		--fallback-cmdline "$(next_cmdline)" --no-exec ||
		bad "upgrade --no-exec"
	list_frames
	baton exec
	bad "exec came back with $?"
	finish
	;;
1)
	baton status || bad "baton status"
	baton status --json >/run/status.json
	check "failed" grep -q '"state": *"failed"' /run/status.json
	check "in the fallback" grep -q '"fallback": *true' /run/status.json
	case $(option fallback.want intact) in
	damaged) damaged ;;
	unreadable) unreadable ;;
	esac
	check "two domains, both intact" \
		[ "$(grep -c '"intact": *true' /run/status.json)" = 2 ]
	[ "$NAME" = fallback-report-PASS ] ||
		baton status --log | grep -q FAILED ||
		bad "the log has not the reason"
	baton status --extents >/run/extents
	check "every kept frame byte-identical" holder --check /run/extents
	check "this instance's RAM is free of kept frames" no_ram_kept
	baton salvage one -o /tmp/one.core || bad "salvage"
	check "salvaged core" holder --check-core /tmp/one.core
	baton salvage two -o - 2>/dev/null | cat >/tmp/two.core
	check "salvaged through a pipe" holder --check-core /tmp/two.core
	check "state of two" [ "$(baton state two note)" = \
		"the state of a holder, as it was" ]
	rm -f /tmp/*.core
	[ "$(option fallback.want intact)" != looked ] || finish
	baton region
	[ "$FAILED" = 0 ] || finish
	start_target
	;;
2)
	prove 2
	finish
	;;
esac
