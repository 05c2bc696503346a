# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A PV and a PVH guest go on side by side in the frames they have, in a Xen that
# knows them: what was copied, and Xen's free memory before and after. make
# demo-xen shows it.

need /sbin/baton
. /cases/xen-lib.sh

UPDATES=$(option updates 1)
KILLS=$(option kills 0)
# 1: every frame is looked at from outside
WATCH=$(option watch 0)
# 1: afterwards xl does with the guests what it does with any
AFTER=$(option after 0)
# frames of 16 to 80 MiB are for dom0's kernel (docs/xen.md)
XEN_CMDLINE="$XEN_CMDLINE dma_bits=27"

tell() {
	echo "demo: $*"
}

# copied NAME KIND MIB: as restore says it
copied() {
	sed -n "s/.*$1: in place: \([0-9]*\) of its \([0-9]*\) pages.*/\1 \2/p" \
		/run/restored | tail -n 1 | {
		read -r sent pages
		tell "guest $STEP $1 $2 $3 ${sent:-all} ${pages:-1}"
	}
}

# killed NAME MIB: attempts that are killed at any moment leave the frames kept
killed() {
	local i=0 tries pid
	while [ $i -lt "$KILLS" ]; do
		i=$((i + 1))
		baton restore --xen --keep --paused "$1" >/run/killed 2>&1 &
		pid=$!
		usleep $(($(awk -v n=$i 'BEGIN { srand(); print int((rand() + n) \
			* 900000) }')))
		kill -9 $pid
		wait $pid
		# xl sees its stream end, and takes the domain away
		tries=0
		while pidof xl >/dev/null && [ $tries -lt 100 ]; do
			tries=$((tries + 1))
			usleep 200000
		done
		echo "killed $i: $(xl list "$1" 2>/dev/null | tail -n 1)"
		xl destroy "$1" 2>/dev/null
	done
	still_kept "$1" "$1: after $KILLS killed attempts" "$2"
}

start_xen_tools
tell "say Xen $(xen_version), dom0 Linux $(uname -r)"
case $STEP in
0)
	tell "say a PV guest and a PVH guest tick, and look after a pattern"
	start_guest g1 160 16
	TYPE=pvh EXTRA="mitigations=off" start_guest g2 192 8 \
		'tsc_mode = "native"' "vcpus = $(option g2.vcpus 1)"
	wait_guest g1 "pattern unbroken" 200
	wait_guest g2 "pattern unbroken" 300
	;;
*)
	check "both are kept" \
		sh -c "xl dmesg | grep -q 'baton: 2 guests kept'"
	before=$(free_mib)
	if [ "$KILLS" -gt 0 ]; then
		killed g1 "$before"
		killed g2 "$before"
	fi
	tell "say the guests go on in the frames they have"
	restore_both "$WATCH"
	tell "free $STEP $before $(free_mib)"
	copied g1 PV 160
	copied g2 PVH 192
	# tables and special pages: 1 %
	sent g1 $((160 * 256 / 100))
	sent g2 0
	both_go_on "$before" 200 300
	;;
esac
if [ "$STEP" -ge "$UPDATES" ]; then
	if [ "$AFTER" = 1 ]; then
		as_ever g1 144
		as_ever g2 176
		migrated g2
	fi
	xl destroy g1
	xl destroy g2
	frames_are_free "$before" $((160 + 192))
	finish
fi
note_ticks g1 g2
DOM0_WORDS="$DOM0_WORDS updates=$UPDATES kills=$KILLS watch=$WATCH after=$AFTER"
[ "$WATCH" = 0 ] || list_beforehand g1 g2
put_save_library
tell "say baton upgrade --xen-all"
upgrade_to_xen --xen-all
