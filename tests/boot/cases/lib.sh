# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# What every boot case may use. Sourced by tests/boot/init before the case, in
# the guest's busybox sh. A case calls ok/bad/check for each thing it looks at
# and ends with `finish`, or hands over to the next kernel (baton.step + 1).
#
# The initrd holds /images/vmlinuz (the next kernel), /images/vmlinuz-old (this
# case's first kernel) and /images/base.cpio, and the case's extra /files.

CHECKS=0
FAILED=0
LAST_BAD=

# option NAME DEFAULT: value of a word of the kernel's command line, the last one;
# on Debian's disk, of /cases/options
option() {
	local word value=$2
	# shellcheck disable=SC2013
	for word in $(cat /proc/cmdline /cases/options 2>/dev/null); do
		case $word in
		"$1"=*) value=${word#*=} ;;
		esac
	done
	echo "$value"
}

# True when it is the firmware that the case says.
right_firmware() {
	local firmware=bios
	[ ! -d /sys/firmware/efi ] || firmware=uefi
	[ "$firmware" = "$(option baton.firmware bios)" ]
}

# Wait until the console has sent everything
drain() {
	stty -echo
}

note() {
	echo "note: $*"
}

ok() {
	CHECKS=$((CHECKS + 1))
	echo "ok: $*"
}

# Also seen by scripts/boot: a `bad:` line at any step fails the case
bad() {
	FAILED=$((FAILED + 1))
	LAST_BAD=$*
	echo "bad: $*"
}

# check TEXT COMMAND...: ok if the command succeeds, bad if not
check() {
	local text=$1
	shift
	if "$@"; then ok "$text"; else bad "$text ($*)"; fi
}

# refused EXIT CODE COMMAND...: baton says no, with this error and its remedy; an
# upgrade that had paused guests ends with 12
refused() {
	local want=$1 code=$2 status=0
	shift 2
	"$@" >/run/out 2>&1 || status=$?
	! grep -q "  pausing guests" /run/out || want=12
	if [ "$status" = "$want" ] && grep -q "\[HO_$code\]" /run/out &&
		grep -q "remedy:" /run/out; then
		ok "$code: $(head -n 1 /run/out)"
	else
		cat /run/out
		bad "$code: status $status, want $want: $*"
	fi
}

# need FILE...: the case can't look at anything without these
need() {
	local file
	for file in "$@"; do
		[ -e "$file" ] || verdict error "not in the initrd: $file"
	done
}

# verdict success|failure|skip|error TEXT: print it and power off
verdict() {
	echo "verdict: $NAME $*"
	echo "$*" >/run/verdict
	drain
	poweroff -f
	sleep 1000
}

skip() {
	verdict skip "$*"
}

finish() {
	[ "$FAILED" = 0 ] || verdict failure "$FAILED bad, last: $LAST_BAD"
	[ "$CHECKS" != 0 ] || verdict error "nothing was checked"
	verdict success "$CHECKS ok"
}

# This kernel's command line with the step moved on by one. Words that a
# handover adds (baton=...) are dropped, and so is nokaslr. The region stays
# where it is: no range for a crash is asked for. $@ is appended.
next_cmdline() {
	local word line=
	# shellcheck disable=SC2013
	for word in $(cat /proc/cmdline); do
		case $word in
		acpi_no_memhotplug | baton=* | baton.failed=* | baton.step=*) ;;
		crashkernel=*) line="$line crashkernel=0" ;;
		nokaslr) ;;
		*) line="$line $word" ;;
		esac
	done
	echo "${line# } baton.step=$((STEP + 1))${*:+ $*}"
}

# next_initrd OUT: write the initrd of the next boot, which again holds
# /images and /files: the base, and a second archive after it
next_initrd() {
	cp /images/base.cpio "$1" &&
		pad512 "$1" &&
		(cd / && { find images files 2>/dev/null; on_disk; } |
			cpio -o -H newc 2>/dev/null) >>"$1" &&
		pad512 "$1"
}

# on_disk: what a host would have there, and its folders
on_disk() {
	[ ! -e /var/lib/baton/pauses.json ] || printf '%s\n' var var/lib \
		var/lib/baton var/lib/baton/pauses.json
}

# The kernel wants the next archive, after zeros, at a multiple of 4
pad512() {
	local size
	size=$(stat -c %s "$1")
	truncate -s $(((size + 511) / 512 * 512)) "$1"
}

# next_boot: reboot; on Debian's disk, where that is the next step
next_boot() {
	[ "$FAILED" = 0 ] || finish
	touch /run/next
	drain
	reboot
	sleep 1000
}

# region_range: the reserved region as START-END, hexadecimal without 0x
region_range() {
	sed -n 's/^ *\([0-9a-f]*-[0-9a-f]*\) : Crash kernel$/\1/p' /proc/iomem |
		head -n 1
}

# by_the_door: this instance is the first, with a region and without crashkernel=
by_the_door() {
	baton status >/run/status || bad "baton status"
	cat /run/status
	check "first boot" grep -q "first boot" /run/status
	baton region | tee /run/region
	check "the region of the breadcrumb" grep -q breadcrumb /run/region
	check "no crash kernel" no_crash_kernel
}

# Neither Linux's, nor Xen's
no_crash_kernel() {
	[ -z "$(region_range)" ] && ! xl info 2>/dev/null | grep -q crashkernel
}

# region_spec: the same as 0xBASE+0xSIZE
region_spec() {
	local range
	range=$(region_range)
	[ -n "$range" ] || return 1
	printf '0x%x+0x%x\n' "0x${range%-*}" \
		$((0x${range#*-} + 1 - 0x${range%-*}))
}
