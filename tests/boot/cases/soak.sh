# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Three QEMU guests under load through campaign.updates updates in a row, while a
# second process tries every command of baton at random times (soak.seed). Updates
# take turns: by `upgrade`, beside that process to the very jump; and by single
# commands, beside it until the image is loaded, when the guests' frames are taken
# out of the machine and compared with those of the next host. A line an update,
# for scripts/campaign.

need /sbin/baton /files/kvm.cpio
. /cases/handover-lib.sh
. /cases/kvm-lib.sh

UPDATES=$(option campaign.updates 2)
SEED=$(option soak.seed 1)
GUESTS="huge hugefs thp"
GUEST_WORDS="load nosoftlockup"
TRIES=40

# draw N: DREW is 0 to N-1, another one each time
DRAWN=0
draw() {
	DRAWN=$((DRAWN + 1))
	DREW=$(echo "$SEED $STEP $DRAWN" | md5sum)
	DREW=$((0x${DREW%"${DREW#???????}"} % $1))
}

# all_guests: as options
all_guests() {
	local kind
	for kind in $GUESTS; do
		echo "--qemu $GUEST_DIR/$kind.qmp --name $kind"
	done
}

# noise COMMAND...: it may be refused, and may not die
noise() {
	local rc
	"$@" >/run/noise.out 2>&1
	rc=$?
	echo "$rc $*" >>/run/noise.log
	[ $rc -lt 64 ] || { echo "$rc: $*"; cat /run/noise.out; } >>/run/noise.bad
	return $rc
}

# insist COMMAND...: until it goes; another command may be at work
insist() {
	local i=0
	until noise "$@"; do
		i=$((i + 1))
		[ $i -lt 200 ] || { echo "never: $*"; cat /run/noise.out
			return 1; } >>/run/noise.bad
		usleep 300000
	done
}

# A whole update that goes to the brink and back; one that stays paused would not be
# let run by the next update
to_and_fro() {
	noise baton unload || return
	# shellcheck disable=SC2046
	noise baton collect $(all_guests) -o /run/noise.lu || return
	noise baton pack --stream /run/noise.lu --kernel /images/vmlinuz \
		--initrd none --cmdline x --policy reset -o /run/noise.dtb
	noise baton check /run/noise.dtb
	insist baton load /run/noise.dtb
	draw 2
	[ $DREW = 0 ] || noise baton adopt --all
	insist baton unload
}

# shellcheck disable=SC2046
one_noise() {
	draw 22
	case $DREW in
	0) noise baton status ;;
	1) noise baton status --json ;;
	2) noise baton status --extents ;;
	3) noise baton region ;;
	4) noise baton region --advise ;;
	5) noise baton precheck --kernel /images/vmlinuz --cmdline x \
		$(all_guests) ;;
	6) noise baton adopt --all ;;
	7) noise baton adopt huge ;;
	8) noise baton adopt --test thp ;;
	9) noise baton release nobody ;;
	10) noise baton restore --xen ;;
	11) noise baton state huge qemu ;;
	12) noise baton salvage thp -o /dev/null ;;
	13) noise baton arm ;;
	14) noise baton disarm ;;
	15) noise baton unload ;;
	16) noise baton load /run/noise.dtb ;;
	17) noise baton inspect /run/noise.dtb ;;
	18) noise baton install --root /nowhere ;;
	# without the guests: they would be lost, where nothing says that they are kept
	19) [ ! -e /run/adopted ] ||
		noise baton upgrade --kernel /images/vmlinuz --cmdline x ;;
	20) [ -e /run/update ] || noise baton exec ;;
	21) [ -e /run/update ] || to_and_fro ;;
	esac
}

# With /run/quiet nothing; with /run/update nothing that would be an update of its
# own, or has the guests stopped while nothing is loaded
make_noise() {
	DRAWN=5000
	while :; do
		: >/run/noise.busy
		[ -e /run/quiet ] || one_noise
		rm -f /run/noise.busy
		draw 20
		usleep $(((DREW + 1) * 100000))
	done
}

be_quiet() {
	: >/run/quiet
	while [ -e /run/noise.busy ]; do
		usleep 50000
	done
}

start_noise() {
	make_noise &
	NOISE=$!
}

# A guest that starts anew has lost what it was: QEMU has told where it was by then
no_reset() {
	local kind file
	for kind in $GUESTS; do
		file=$GUEST_DIR/$kind.reset
		grep -q '^CR0=8' "$file" || continue
		cat "$file"
		ls -l --full-time "$file"
		bad "$kind has started anew"
	done
}

no_harm() {
	no_reset
	[ ! -s /run/noise.bad ] || { cat /run/noise.bad; bad "a command died"; }
	note "noise: $(sort /run/noise.log 2>/dev/null | cut -d' ' -f1-3 |
		uniq -c | tr -s ' \n' ' ;')"
}

# Again and again: another command may be at work, or have loaded its own. Why it
# did not go is told, for whoever looks at the console
try() {
	local i=0
	until "$@" >/run/try.out 2>&1; do
		i=$((i + 1))
		note "$(cut -d. -f1 /proc/uptime) s: $2: $(
			grep -m 1 'HO_' /run/try.out)"
		[ $i -lt $TRIES ] || { cat /run/try.out; bad "$*"; finish; }
		usleep 300000
	done
}

words() {
	echo "$(next_cmdline | sed 's/ case\.[a-z]*=[^ ]*//g')" "case.taken=$1"
}

# From here on it is about this update
begin_update() {
	no_reset
	: >/run/update
	be_quiet
	rm -f /run/quiet
}

# shellcheck disable=SC2046
by_upgrade() {
	local i=0
	begin_update
	while [ $i -lt $TRIES ]; do
		baton unload
		baton upgrade $(all_guests) --kernel /images/vmlinuz \
			--initrd /tmp/initrd --policy reset \
			--cmdline "$(words no)" >/run/try.out 2>&1
		note "$(cut -d. -f1 /proc/uptime) s: upgrade: $(
			grep -m 1 'HO_' /run/try.out)"
		i=$((i + 1))
		usleep 300000
	done
	bad "upgrade came back $i times"
	finish
}

# Loaded, and the process beside has not called it off before or since: quiet then
# shellcheck disable=SC2046
load_all() {
	try baton unload
	try baton collect $(all_guests) -o /run/guests.lu
	try baton pack --stream /run/guests.lu --kernel /images/vmlinuz \
		--initrd /tmp/initrd --policy reset -o /run/guests.dtb \
		--cmdline "$(words yes)"
	baton load /run/guests.dtb >/run/try.out 2>&1 || return
	draw 20
	usleep $((DREW * 100000))
	be_quiet
	cmp -s /run/guests.dtb /run/baton/loaded.dtb
}

by_steps() {
	local i=0
	begin_update
	until load_all; do
		rm -f /run/quiet
		i=$((i + 1))
		[ $i -lt $TRIES ] || { cat /run/try.out; bad "never loaded"; finish; }
		usleep 300000
	done
	list_frames
	echo "frames: take"
	sleep 4
	baton exec
	bad "exec came back with $?"
	how_come
	finish
}

# how_come: what has been going on, for whoever looks at the console
how_come() {
	cat /run/baton/ledger.json
	echo
	baton status
	ps -o pid,ppid,args | grep '[@]baton'
	sed 's/^/noise: /' /run/noise.log
	dmesg | tail -n 3
}

# The guests have what is left of the machine, and all of it while nothing else is
# to do: an update would take an hour beside them. Threads of a process are niced
# one by one; by sessions the kernel would share alike.
ease() {
	local pid task
	for pid in $(pidof qemu-system-x86_64); do
		for task in /proc/"$pid"/task/[0-9]*; do
			renice -n 19 -p "${task##*/}" 2>/dev/null
		done
	done
}

unpack_kvm
echo 0 >/proc/sys/kernel/sched_autogroup_enabled
if [ "$STEP" = 0 ]; then
	echo 216 >/proc/sys/vm/nr_hugepages
	echo always >/sys/kernel/mm/transparent_hugepage/shmem_enabled
	PORT=0
	for KIND in $GUESTS; do
		PORT=$((PORT + 1))
		# shellcheck disable=SC2046
		start_guest "$KIND" $PORT $(kind_of "$KIND") \
			-d cpu_reset -D "$GUEST_DIR/$KIND.reset"
	done
else
	if [ "$(option case.taken no)" = yes ]; then
		echo "frames: take"
		sleep 4
	fi
	start_noise
	try baton adopt --all
	ease
	: >/run/adopted
fi
for KIND in $GUESTS; do
	check "$KIND ticks after update $STEP" wait_tick "$KIND" 3 180
done
ease
[ "$STEP" != 0 ] || start_noise
[ "$FAILED" = 0 ] || finish
[ "$STEP" = 0 ] || {
	no_harm
	echo "campaign: update $STEP: $(cat "$GUEST_DIR"/*.console |
		grep -c '^tick') ticks, frames taken: $(option case.taken no)"
}
[ "$STEP" -lt "$UPDATES" ] || { be_quiet; finish; }
next_initrd /tmp/initrd || bad "next initrd"
# the noise has its time
draw 10
sleep $((5 + DREW))
if [ $((STEP % 2)) = 0 ]; then
	by_steps
else
	by_upgrade
fi
