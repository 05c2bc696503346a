# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Pieces of the cases that go by kexec_file_load. Sourced after handover-lib.sh.

SIGNED=/usr/lib/baton/baton.kexec.signed

# Who calls kexec_load is killed: baton and all that it starts
baton() {
	nokexec /sbin/baton "$@"
}

# begin_secure: this kernel is locked down; a door is signed, and baton_mem there
begin_secure() {
	mount -t securityfs securityfs /sys/kernel/security
	check "locked down" grep -q "\[integrity\]" \
		/sys/kernel/security/lockdown
	cp /files/baton.kexec.signed "$SIGNED"
	[ ! -e /files/baton.kexec ] ||
		cp /files/baton.kexec /usr/lib/baton/baton.kexec
}

# sign_target OPTIONS OF A TARGET...: /run/targets, with the key that the signed
# door knows. On a real host it comes from elsewhere.
sign_target() {
	baton sign --manifest --security-version "${VERSION:-5}" "$@" \
		--key "${KEY:-/files/manifest.key}" -o /run/targets ||
		bad "sign --manifest"
}

# prepare_signed WORDS: the initrd of the next boot; its command line in $WORDS, with
# these; with `fallback` a fallback in $FALLBACK; and where a key is there, the
# manifest of both, in $MANIFEST as an option
prepare_signed() {
	local words="$1"
	next_initrd /tmp/initrd || bad "next initrd"
	FALLBACK="--policy reset"
	if [ "$(option fallback 0)" = 1 ]; then
		words="$words fallback=1"
		FALLBACK="--policy fallback,reset --fallback-initrd none"
		FALLBACK="$FALLBACK --fallback-kernel /images/vmlinuz"
		FALLBACK="$FALLBACK --fallback-cmdline quiet"
	fi
	WORDS=$(next_cmdline "case.at=$(date +%s)${words:+ $words}")
	MANIFEST=
	[ -e /files/manifest.key ] || return 0
	# shellcheck disable=SC2086
	sign_target --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$WORDS" ${FALLBACK#--policy *reset}
	MANIFEST="--manifest /run/targets"
}

# prove_locked GENERATION: as prove, where /dev/mem is of no use
prove_locked() {
	check "/dev/mem is closed" sh -c '! head -c 1 /dev/mem >/dev/null 2>&1'
	prove "$1"
}

# list_planned OPTIONS OF COLLECT...: the frames that the update will keep, of a blob
# that is only looked at
list_planned() {
	if [ $# != 0 ]; then
		baton collect "$@" -o /run/planned.lu || bad "collect"
		baton pack --stream /run/planned.lu --kernel /images/vmlinuz \
			--initrd none --cmdline quiet -o /run/planned.dtb ||
			bad "pack"
		baton unload || bad "unload"
		list_frames /run/planned.dtb
	fi
}

# update_signed OPTIONS...: as start_target, with the frames listed
update_signed() {
	prepare_signed ""
	# shellcheck disable=SC2086
	baton upgrade "$@" --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$WORDS" $FALLBACK $MANIFEST --no-exec ||
		bad "upgrade came back with $?"
	cat /run/baton/loaded.door
	list_frames
	baton exec
	bad "exec came back with $?"
	finish
}
