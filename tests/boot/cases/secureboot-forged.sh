# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Secure Boot, and what is forged: doors, manifests, files, the module. Loader and
# kernel refuse each before a guest is paused. Then a target that no manifest names
# is forced past the loader: the stub refuses it, and the frames are as they were.

need /sbin/baton
need /bin/holder
need /bin/nokexec
need /files/manifest.key
need /files/foreign.key
. /cases/handover-lib.sh
. /cases/secureboot-lib.sh

INITRD=/tmp/initrd
GUEST="--name one --map memfd:one-huge --map memfd:one-small"
MODULE=/files/$(uname -r)-baton_mem.ko

# asks KERNEL INITRD WORDS OPTIONS...: an update to that
asks() {
	local kernel=$1 initrd=$2 words=$3
	shift 3
	# shellcheck disable=SC2086
	baton upgrade --pid "$ONE" $GUEST --kernel "$kernel" \
		--initrd "$initrd" --cmdline "$words" --policy reset "$@"
}

# nothing_happened TEXT: nobody was stopped, and nothing is loaded
nothing_happened() {
	check "$1: before a pause" sh -c '! grep -q pausing /run/out'
	check "$1: the guest runs on" \
		grep -q "^State:.[RS]" "/proc/$ONE/status"
	check "$1: nothing is loaded" [ "$(cat /sys/kernel/kexec_loaded)" = 0 ]
}

# forged_target TEXT CODE KERNEL INITRD WORDS OPTIONS...: refused for that
forged_target() {
	local text=$1 code=$2
	shift 2
	refused "${STATUS:-5}" "$code" asks "$@"
	nothing_happened "$text"
}

# distrusted TEXT DOOR: by the kernel, whoever asks it; so by the loader
distrusted() {
	nokexec /sbin/kexec -s -l "$2" --initrd $INITRD --command-line=x \
		>/dev/null 2>&1
	check "$1: the kernel refuses it" [ $? = 255 ]
	refused 3 ELOCKDOWN asks /images/vmlinuz $INITRD quiet --door "$2" \
		--manifest /run/targets
	nothing_happened "$1"
}

# trusted TEXT DOOR: the kernel takes it, though
trusted() {
	nokexec /sbin/kexec -s -l "$2" --initrd $INITRD --command-line=x
	check "$1: the kernel takes it" [ $? = 0 ]
	nokexec /sbin/kexec -s -u
}

# changed FILE OFFSET OUT: with another byte there
changed() {
	cp "$1" "$3"
	printf '\125' | dd of="$3" bs=1 seek="$2" conv=notrunc 2>/dev/null
	! cmp -s "$1" "$3"
}

sign_plain() {
	sign_target --kernel /images/vmlinuz --initrd $INITRD --cmdline quiet
}

begin_secure
head -c 20000 /sbin/baton >$INITRD
hold_two
sign_plain

trusted "signed door" "$SIGNED"
distrusted "unsigned door" /usr/lib/baton/baton.kexec
distrusted "another key" /files/foreign.kexec
check "a door is changed" changed "$SIGNED" 60000 /tmp/door
distrusted "changed door" /tmp/door
grep -E " (bin|tbs):" /proc/keys | sed 's/^/note: /'
distrusted "digest of the certificate in dbx" /files/digest.kexec
# what Debian's kernels do not look at: docs/secureboot.md, "To withdraw a door"
trusted "certificate in dbx" /files/certificate.kexec
trusted "digest of the certificate with a time in dbx" /files/timed.kexec
trusted "digest of the image in dbx" /files/image.kexec

forged_target "no manifest" ENOTRUST /images/vmlinuz $INITRD quiet
set -- --manifest /run/targets
check "a kernel is changed" changed /images/vmlinuz 100000 /tmp/vmlinuz
forged_target "changed kernel" ENOTRUST /tmp/vmlinuz $INITRD quiet "$@"
check "an initrd is changed" changed $INITRD 10000 /tmp/initrd.changed
forged_target "changed initrd" ENOTRUST /images/vmlinuz /tmp/initrd.changed \
	quiet "$@"
forged_target "changed command line" ENOTRUST /images/vmlinuz $INITRD \
	"quiet init=/bin/sh" "$@"
sed -i 's/version 5/version 6/' /run/targets
forged_target "changed manifest" ESIGNATURE /images/vmlinuz $INITRD quiet "$@"
KEY=/files/foreign.key sign_plain
forged_target "manifest by another key" ESIGNATURE /images/vmlinuz $INITRD \
	quiet "$@"
VERSION=4 sign_plain
forged_target "withdrawn version" EOLDMANIFEST /images/vmlinuz $INITRD quiet "$@"

check "a module is changed" changed "$MODULE" 3000 /tmp/changed.ko
check "changed module" sh -c "! insmod /tmp/changed.ko 2>/dev/null"
head -c $(($(wc -c <"$MODULE") - 1)) "$MODULE" >/tmp/unsigned.ko
check "module without a signature" sh -c "! insmod /tmp/unsigned.ko 2>/dev/null"
check "neither is there" [ ! -e /dev/baton-mem ]
check "the signed one is taken" insmod "$MODULE"

sign_plain
# shellcheck disable=SC2086
baton collect --pid "$ONE" $GUEST -o /tmp/lu || bad "collect"
baton pack --stream /tmp/lu --kernel /images/vmlinuz --initrd $INITRD \
	--cmdline quiet --manifest /run/targets --policy reset -o /tmp/blob ||
	bad "pack"
check "a good blob" baton check /tmp/blob
# of the same length, and named once
sed 's/quiet/debug/' /tmp/blob >/tmp/forged
chmod 600 /tmp/forged
refused 5 ENOTRUST baton load /tmp/forged
check "changed blob: nothing is loaded" \
	[ "$(cat /sys/kernel/kexec_loaded)" = 0 ]
baton load --force /tmp/forged || bad "load --force"
list_frames
[ "$FAILED" != 0 ] || echo "all that is forged was refused"
nokexec /sbin/kexec -e
bad "kexec -e came back with $?"
finish
