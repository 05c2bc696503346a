# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A host with far more memory than the machine that runs this test: RAM is
# sparse, the old kernel uses 1 GiB of it (mem=1G), synthetic domains own the
# rest, and nobody touches it. The pass, the map and the next kernel are real.
# The last RAM range of the firmware map is the domains'.

need /sbin/baton
need /bin/synth

# The TSC counts instructions here: from entry to chain, but for hashing
# (verify) and copying (chain) the images, the same ones on every run. At most
# 3 million and so many an extent. bench/instructions reads the line.
instructions() {
	baton status --result /run/result.dtb
	# shellcheck disable=SC2046
	set -- $(dtc -q -I dtb -O dts /run/result.dtb |
		sed -n 's/.*stage-tsc = <\(.*\)>.*/\1/p')
	verify=$((($7 << 32 | $8) - ($5 << 32 | $6)))
	entry=$((($5 << 32 | $6) - ($3 << 32 | $4)))
	pass=$((($9 << 32 | ${10}) - ($7 << 32 | $8)))
	plug=$(((${11} << 32 | ${12}) - ($9 << 32 | ${10})))
	extents=$(baton status --json |
		awk -F: '/"extents"/ { n += $2 } END { printf "%d", n }')
	echo "instructions: entry $entry verify $verify pass $pass plug $plug" \
		"extents $extents"
	check "instructions" [ $((entry + pass + plug)) -le \
		$((3000000 + budget * extents)) ]
}

# What the case is about, from the kernel command line
word() {
	sed -n "s/.*synth.$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

bytes=$(word bytes)
order=$(word order)
budget=$(word instructions)

case $STEP in
0)
	# what mem= leaves out is these domains': the map has to be given
	for entry in /sys/firmware/memmap/*; do
		start=$(cat "$entry/start")
		type=2
		[ "$(cat "$entry/type")" != "System RAM" ] || type=RAM
		printf '%x-%x %s\n' "$start" "$(cat "$entry/end")" $type \
			>>/tmp/map
		[ $type = RAM ] || continue
		[ $((start)) -ge $((0x100000000)) ] && high=$start
	done
	note "RAM at $high"
	synth --start "$high" --bytes "$bytes" --unit 2M --domains 100 \
		--order "${order:-random}" -o /tmp/synth.lu >/tmp/totals || bad "synth"
	next_initrd /tmp/initrd || bad "next initrd"
	baton pack --stream /tmp/synth.lu --kernel /images/vmlinuz \
		--initrd /tmp/initrd --policy reset --memory-map /tmp/map \
		--cmdline "$(next_cmdline "synth.totals=$(tr ' ' , </tmp/totals)" |
			sed 's/mem=1G//')" -o /tmp/blob || bad "pack"
	baton check /tmp/blob || bad "check"
	baton load /tmp/blob || bad "load"
	baton exec
	bad "exec came back"
	finish
	;;
1)
	baton status | grep -v ' synth[0-9]*  ' || bad "status"
	baton status --json >/run/status.json
	totals=$(sed -n 's/.*synth.totals=\([^ ]*\).*/\1/p' /proc/cmdline)
	frames=${totals##*,}
	# the domains' alone: a long stream's own frames are kept, too
	n=$(awk -F: '/"frames":/ { n += $2 } END { printf "%d", n }' \
		/run/status.json)
	check "frames kept: $frames, as generated" [ "$n" = "$frames" ]
	check "100 domains" [ "$(grep -c '"domid"' /run/status.json)" = 100 ]
	n=$(baton status --extents | awk '$1 != 32754 { n += $4 }
		END { printf "%d", n }')
	check "the frametable says the same" [ "$n" = "$frames" ]
	[ -z "$budget" ] || instructions
	finish
	;;
esac
