# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Secure Boot by a MOK, with the steps of docs/secureboot.md: the key that DKMS has
# made signs baton_mem and the door, its certificate is in MOK's list, and in no list
# of the firmware. mokutil sees it, and asks for another one to be enrolled.

need /sbin/baton
need /bin/holder
need /bin/nokexec
need /files/dkms.ko
need /files/dkms.der
need /files/foreign.der
need /files/manifest.key
need /files/mokutil.cpio
. /cases/handover-lib.sh
. /cases/secureboot-lib.sh
EFIVARS=/sys/firmware/efi/efivars
DKMS="DKMS module signing key"

says() {
	local text=$1
	shift
	"$@" >/run/out 2>&1
	sed 's/^/mokutil: /' /run/out | head -n 4
	grep -q "$text" /run/out
}

# The user's steps; MokManager's, at the console of the next boot, are not here.
by_mokutil() {
	(cd / && cpio -idu </files/mokutil.cpio 2>/dev/null) ||
		bad "mokutil.cpio"
	insmod "/files/$(uname -r)-efivarfs.ko" || bad "insmod efivarfs"
	mount -t efivarfs efivarfs $EFIVARS || bad "efivarfs"
	check "Secure Boot is on" says "SecureBoot enabled" mokutil --sb-state
	check "DKMS's certificate is enrolled" \
		says "CN=$DKMS" mokutil --list-enrolled
	check "the kernel has it, too" grep -q "$DKMS" /proc/keys
	check "and no list of the firmware" sh -c "! mokutil --db | grep -q DKMS"
	check "its own file is known" says "already enrolled" \
		mokutil --test-key /files/dkms.der
	check "another one is not" says "is not enrolled" \
		mokutil --test-key /files/foreign.der
	mokutil --generate-hash=once >/run/hash
	check "import" mokutil --import /files/foreign.der --hash-file /run/hash
	check "shim will ask for it" says "CN=foreign" mokutil --list-new
	check "it is not enrolled yet" says "is already in the enrollment" \
		mokutil --test-key /files/foreign.der
}

begin_secure
check "DKMS's module is taken" insmod /files/dkms.ko
case $STEP in
0)
	by_mokutil
	hold_two
	sign_target --kernel /images/vmlinuz --initrd none --cmdline quiet
	refused 3 ELOCKDOWN baton upgrade --door /files/foreign.kexec \
		--pid "$ONE" --name one --map memfd:one-huge \
		--kernel /images/vmlinuz --initrd none --cmdline quiet \
		--policy reset --manifest /run/targets
	update_signed \
		--pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small
	;;
*)
	prove "$STEP"
	finish
	;;
esac
