# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Update after update from Linux to Linux. At each one every domain that was
# handed over, every word of its memory, and, where the domains stay the same,
# the RAM that is plugged and the region's use, exactly, and the kernel's own
# idea of its memory.
#
# campaign.updates=N; campaign.alternate=yes: between the two kernels of the
# case; campaign.churn=SEED: at each update one domain may come, one may go.
# Steps start at 1000: all of one length, for the command line is part of what
# the region holds. For scripts/campaign it prints a line an update.

need /sbin/baton
need /bin/holder
# scattered pages cost the next kernel's boot, which is most of an update
# shellcheck disable=SC2034
SMALL=32
. /cases/handover-lib.sh

UPDATES=$(option campaign.updates 3)
CHURN=$(option campaign.churn '')
GENERATION=$((STEP - 1000))
FIRST=1000
DOMAINS_MAX=6

# Only what is needed from now on: a quick boot
strip_root() {
	rm -rf /sbin/kexec /usr/bin/setpriv /usr/bin/dtc /bin/malform \
		/bin/synth /bin/memdev /images/base.cpio
	[ "$(option campaign.alternate no)" = yes ] || rm -f /images/vmlinuz-old
}

# The initrd of the next kernel is this one's root; what is mounted there is left out
root_initrd() {
	(cd / && find . -xdev | cpio -o -H newc 2>/dev/null) >/tmp/initrd
}

# This kernel's words without those of the first boot, of the last handover and
# of this script.
# Where KASLR moves the kernel, the next one is not written over its text,
# which emulation is slow at
campaign_cmdline() {
	local word line=
	# shellcheck disable=SC2013
	for word in $(cat /proc/cmdline); do
		case $word in
		acpi_no_memhotplug | baton=* | baton.failed=* | baton.step=*) ;;
		case.* | crashkernel=* | nokaslr) ;;
		*) line="$line $word" ;;
		esac
	done
	echo "${line# } baton.step=$((STEP + 1))$*"
}

next_kernel() {
	if [ "$(option campaign.alternate no)" = yes ] &&
		[ $((GENERATION % 2)) = 1 ]; then
		echo /images/vmlinuz-old
	else
		echo /images/vmlinuz
	fi
}

# next_update "CASE WORDS" OPTIONS...: the domains of /run/kept
next_update() {
	local words=$1
	shift
	root_initrd
	words="$words case.kept=$(sort /run/kept | tr '\n' ,)"
	baton upgrade "$@" --kernel "$(next_kernel)" --initrd /tmp/initrd \
		--digest xxh64 \
		--cmdline "$(campaign_cmdline "$words")" --policy reset
	bad "upgrade came back with $?"
	finish
}

number() {
	sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p" /run/status.json | head -n 1
}

# What must not grow, in numbers of one length
accounts() {
	printf 'case.plugged=%010d case.left=%010d case.used=%010d case.total=%010d' \
		"$(number frames_plugged)" "$(number frames_unplugged)" \
		"$(number region_used)" \
		"$(awk '/MemTotal/ { print $2 }' /proc/meminfo)"
}

# The same words, as they were at the second update; before it, zeroes
accounts_kept() {
	local word
	for word in plugged left used total; do
		printf ' case.%s=%s' $word "$(option case.$word 0000000000)"
	done
}

# KASLR may cost a page table more or less: so much of MemTotal is no growth
TOTAL_MAY_MOVE=64 # KiB, over all updates together

same_accounts() {
	local word before now moved
	for word in $(accounts); do
		before=$(option "${word%%=*}" none)
		now=${word#*=}
		[ "$before" = "$now" ] && continue
		note "$word, at the second update $before"
		[ "${word%%=*}" = case.total ] || return 1
		moved=$(awk -v "a=$before" -v "b=$now" 'BEGIN { print a - b }')
		[ "${moved#-}" -le $TOTAL_MAY_MOVE ] || return 1
	done
}

random() {
	awk -v "seed=$CHURN$GENERATION" -v "n=$1" \
		'BEGIN { srand(seed); rand(); print int(rand() * n) }'
}

# NAME:FRAMES of each domain that is here
domains_here() {
	awk '{ n[$2] += $4 } END { for (name in n) print name ":" n[name] }' \
		/run/extents | sort
}

# One may go, one may come: memory that is scattered, of a random size
change_domains() {
	local kept n
	kept=$(wc -l </run/kept)
	if [ "$kept" -gt 1 ] && [ "$(random 3)" != 0 ]; then
		n=$(($(random "$kept") + 1))
		baton release "$(sed -n "${n}s/:.*//p" /run/kept)" ||
			bad "release"
		sed -i "${n}d" /run/kept
		kept=$((kept - 1))
	fi
	[ "$kept" -lt $DOMAINS_MAX ] || return 0
	n=$((16 + $(random 400)))
	hold "g$GENERATION" --small $((n * 4096))
	echo "g$GENERATION:$n" >>/run/kept
	NEW="--pid $PID --name g$GENERATION --map memfd:g$GENERATION-small"
}

# The parts of the region sum to its size
region_adds_up() {
	baton region --json | tr -d ' ,"' | awk -F: '
	/^bytes:/ { size += $2 }
	/^(breadcrumb|stub|images|fallback|blob|frametable|domains|result|rest|free):/ {
		sum += $2; n++
	}
	END { exit !(n == 10 && sum == size) }'
}

# Every word of every kept frame, whoever they are
prove_all() {
	baton status --json >/run/status.json || bad "status"
	baton status --extents | grep -v "^32754 " >/run/extents
	check "generation $GENERATION" [ "$(number generation)" = $GENERATION ]
	domains_here >/run/kept
	check "all domains: $(option case.kept none)" \
		[ "$(tr '\n' , </run/kept)" = "$(option case.kept none)" ]
	check "every kept frame byte-identical" holder --check /run/extents
	check "RAM of the map is free of kept frames" no_ram_kept
	check "the region's bytes add up" region_adds_up
}

finish_or() {
	[ "$FAILED" = 0 ] || finish
	echo "campaign: update $GENERATION: $(awk '{ n += $4 }
		END { print NR " extents, " n " frames same" }' /run/extents)," \
		"$(accounts), $(uname -r)"
	[ $GENERATION -lt "$UPDATES" ] || finish
}

check "by the right firmware" right_firmware
if [ "$STEP" = $FIRST ]; then
	strip_root
	hold_two
	for name in one two; do
		echo "$name:$((HUGE * 512 + SMALL))"
	done >/run/kept
	next_update "$(accounts_kept)" \
		--pid "$ONE" --name one --map memfd:one-huge \
		--map memfd:one-small \
		--pid "$TWO" --name two --map memfd:two-huge \
		--map memfd:two-small
fi
prove_all
if [ -n "$CHURN" ]; then
	NEW=
	finish_or
	change_domains
	# shellcheck disable=SC2086
	next_update "$(accounts_kept)" $NEW
fi
# two kernels in turn: every second update is the same kernel's
EVERY=1
[ "$(option campaign.alternate no)" = no ] || EVERY=2
WORDS=$(accounts_kept)
if [ $GENERATION = 2 ]; then
	WORDS=" $(accounts)"
elif [ $GENERATION -gt 2 ] && [ $((GENERATION % EVERY)) = 0 ]; then
	check "nothing has grown since the second update" same_accounts
fi
finish_or
next_update "$WORDS"
