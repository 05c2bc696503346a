# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Pieces of the cases that go by kexec_file_load. Sourced after handover-lib.sh.

# Who calls kexec_load is killed: baton and all that it starts
baton() {
	nokexec /sbin/baton "$@"
}

# update_signed OPTIONS...: as start_target, with the frames listed
update_signed() {
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade "$@" --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$(next_cmdline)" --policy reset --no-exec ||
		bad "upgrade came back with $?"
	cat /run/baton/loaded.door
	list_frames
	baton exec
	bad "exec came back with $?"
	finish
}
