# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Pieces of the cases that do a handover. Sourced after lib.sh.

HUGE=${HUGE:-8}
SMALL=${SMALL:-256}
MORE_WORDS=
UPGRADE_WORDS=

# hold NAME OPTIONS...: start a holder and wait until it is ready; sets PID
hold() {
	local name=$1 i=0
	shift
	holder --name "$name" --ready "/run/$name.ready" "$@" &
	PID=$!
	while [ ! -e "/run/$name.ready" ]; do
		i=$((i + 1))
		[ $i -lt 900 ] || { bad "holder $name is not ready"; finish; }
		usleep 100000
	done
}

hold_two() {
	echo $((4 * HUGE + 8)) >/proc/sys/vm/nr_hugepages
	hold one --huge "$HUGE" --small $((SMALL * 4096)) --state-file /run/one.state
	ONE=$PID
	hold two --huge "$HUGE" --small $((SMALL * 4096)) --state-file /run/two.state
	TWO=$PID
}

# start_target OPTIONS...: upgrade to NEXT, or /images/vmlinuz, step moved on by
# one, with MORE_WORDS on its command line; UPGRADE_WORDS are more options
start_target() {
	next_initrd /tmp/initrd || bad "next initrd"
	# shellcheck disable=SC2086
	baton upgrade "$@" $UPGRADE_WORDS --kernel "${NEXT:-/images/vmlinuz}" --initrd /tmp/initrd \
		--cmdline "$(next_cmdline "case.at=$(date +%s)" $MORE_WORDS)" --policy reset
	bad "upgrade came back with $?"
	finish
}

# use_memory MIB: all of this kernel's that is free but so many, once
use_memory() {
	local free
	mkdir -p /tmp/eat
	mount -t tmpfs -o size=100% none /tmp/eat
	free=$(awk '/MemFree/ { print int($2 / 1024) }' /proc/meminfo)
	dd if=/dev/zero of=/tmp/eat/x bs=1M count=$((free - $1)) 2>/dev/null
	umount /tmp/eat
}

# list_frames [BLOB]: of the blob that is loaded, for `frames = yes` in the table
list_frames() {
	echo "frames: begin"
	baton inspect --extents "${1:-/run/baton/loaded.dtb}" |
		sed -n 's/^[0-9]* [^ ]* \([0-9a-f]* [0-9]*\) [0-9]* [0-9a-f]*$/frame: \1/p'
	echo "frames: end"
}

# with_two COMMAND...: with the options of collect for what hold_two has made
with_two() {
	"$@" --pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small --state note=/run/two.state
}

update_with_two() {
	with_two start_target
}

update_again() {
	start_target
}

# prove_frames GENERATION DOMAINS FRAMES: what baton status says of so many
# domains of so many frames each, and every word of every frame
prove_frames() {
	baton status || bad "baton status"
	baton status --json >/run/status.json
	check "generation $1" grep -q "\"generation\": *$1,\?" /run/status.json
	# a stream's own frames are kept, too, and hold no pattern
	baton status --extents | grep -v "^32754 " >/run/extents
	check "$2 domains of $3 frames" \
		[ "$(grep -c "\"frames\": *$3," /run/status.json)" = "$2" ]
	if holder --check /run/extents; then
		ok "every kept frame byte-identical"
	else
		bad "kept memory changed"
	fi
	check "RAM of the map is free of kept frames" no_ram_kept
}

# tell WORDS: for scripts/demo
tell() {
	echo "demo: $*"
}

# tell_update N: what the table of scripts/demo has of update N, behind prove; 0 is
# the first instance
tell_update() {
	tell "kernel $1 $(uname -r)"
	tell "memory $1 $(awk '/MemTotal/ { print $2 }' /proc/meminfo)"
	[ "$1" != 0 ] || return 0
	tell "frames $1 $(awk '{ n += $4 } END { print n }' /run/extents)"
	tell "extents $1 $(wc -l </run/extents)"
	for stage in entry verify pass plug chain; do
		tell "us $1 $stage $(sed -n "s/.*\"$stage\": *\([0-9]*\).*/\1/p" \
			/run/status.json)"
	done
}

# prove GENERATION: the same for hold_two
prove() {
	prove_frames "$1" 2 $((HUGE * 512 + SMALL))
	check "state of one" [ "$(baton state one note)" = \
		"the state of a holder, as it was" ]
}

# Independent of baton: nothing of /run/extents lies in System RAM, of which each
# line counts, at any depth: what is hot-added inside Reserved is RAM, too
no_ram_kept() {
	cut -d' ' -f3,4 /run/extents >/run/extents.places
	no_ram_at /run/extents.places
}

# no_ram_at FILE: lines FRAME (hexadecimal) COUNT, none of which is System RAM.
# Its ranges are sorted by where they start: the last that starts before a place
# ends is looked for, and how far that or one before it, around it, reaches
no_ram_at() {
	awk '
	function hex(s,  i, v) {
		v = 0
		for (i = 1; i <= length(s); i++)
			v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
		return v
	}
	FNR == NR {
		if ($0 ~ /^ *[0-9a-f]*-[0-9a-f]* : System RAM/) {
			split($1, r, "-"); n++
			start[n] = hex(r[1]); end[n] = hex(r[2]) + 1
			if (n > 1 && end[n - 1] > end[n])
				end[n] = end[n - 1]
		}
		next
	}
	{
		at = hex($1) * 4096; stop = at + $2 * 4096; seen++
		low = 0; high = n
		while (low < high) {
			i = int((low + high + 1) / 2)
			if (start[i] < stop) low = i; else high = i - 1
		}
		if (low && at < end[low])
			wrong++
	}
	END { exit !(seen && n && !wrong) }' /proc/iomem "$1"
}
