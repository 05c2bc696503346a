# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The region grows, moves by itself, shrinks and moves, an update each; every
# byte of RAM that is not the region's or a domain's is plugged.

need /sbin/baton
. /cases/handover-lib.sh

number() {
	sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p" "$2" | head -n 1
}

# All that is listed of the region, in frames
region_frames() {
	baton region --json | tr -d ' ,"' |
		awk -F: '/^total:/ { printf "%d", $2 / 4096 }'
}

# proven GENERATION BASE SIZE LISTED NEXT: it landed there (MiB), and the accounts
# are right
proven() {
	prove "$1"
	check "landed at $2 MiB, $3 MiB" [ \
		"$(number region_base /run/status.json) $(number region_bytes /run/status.json)" = \
		"$(($2 << 20)) $(($3 << 20))" ]
	all=$(($(number frames_kept /run/status.json) + $(region_frames) +
		$(number frames_plugged /run/status.json) +
		$(number frames_unplugged /run/status.json)))
	check "frames of RAM: $all" [ "$all" = "$(option case.all $all)" ]
	check "region in all: $4 MiB" [ "$(region_frames)" = $(($4 * 256)) ]
	check "the next one lands at $5" \
		sh -c "baton region | head -n 1 | grep -q '^$5 '"
}

# go_on OPTIONS...: carrying the sum along
go_on() {
	next_initrd /tmp/initrd || bad "next initrd"
	baton upgrade "$@" --kernel /images/vmlinuz --initrd /tmp/initrd \
		--cmdline "$(next_cmdline "case.all=$all")" \
		--policy reset
	bad "upgrade came back with $?"
	finish
}

case $STEP in
0)
	hold_two
	refused 4 ENEXTREGION baton region --next 65M
	refused 4 ENEXTREGION baton region --next 257M+65M
	check "grow" baton region --next 256M+160M
	baton region
	start_target \
		--pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small --state note=/run/one.state \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small
	;;
1)
	proven 1 256 128 160 0x10000000+0xa000000
	go_on --next-region 640M+144M
	;;
2)
	proven 2 256 160 304 0x28000000+0x9000000
	baton region --next 96M
	go_on
	;;
3)
	proven 3 640 144 144 0x28000000+0x6000000
	go_on
	;;
4)
	proven 4 640 96 96 0x28000000+0x6000000
	finish
	;;
esac
