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

# update_signed OPTIONS...: as start_target, with the frames listed
update_signed() {
	local words
	next_initrd /tmp/initrd || bad "next initrd"
	# shellcheck disable=SC2086
	words=$(next_cmdline "case.at=$(date +%s)" $MORE_WORDS)
	if [ -e /files/manifest.key ]; then
		sign_target --kernel /images/vmlinuz --initrd /tmp/initrd \
			--cmdline "$words"
		set -- "$@" --manifest /run/targets
	fi
	baton upgrade "$@" --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$words" --policy reset --no-exec ||
		bad "upgrade came back with $?"
	cat /run/baton/loaded.door
	list_frames
	baton exec
	bad "exec came back with $?"
	finish
}
