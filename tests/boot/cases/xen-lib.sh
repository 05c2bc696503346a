# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Pieces of the cases with Xen. Sourced after lib.sh. On a dom0's command line:
# baton.case and the like, as everywhere.

xen_version() {
	echo "$(cat /sys/hypervisor/version/major).$(cat \
		/sys/hypervisor/version/minor)"
}

# A dom0 of a Debian disk has its tools and modules
is_debian() {
	[ -d /run/systemd/system ]
}

if [ "$(cat /sys/hypervisor/type 2>/dev/null)" = xen ] && ! is_debian; then
	tools=/files/xen-tools-$(xen_version).cpio
	# where a case has no others, those of another version
	[ -e "$tools" ] || tools=$(echo /files/xen-tools-*.cpio)
	(cd / && cpio -idmu <"$tools" 2>/dev/null)
	for ko in xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc; do
		insmod /lib/modules/$ko.ko
	done
	mount -t xenfs xenfs /proc/xen
fi

XEN_CMDLINE="console=com1 com1=115200,8n1 dom0_mem=640M,max:640M"

# The command line of the next dom0: this instance's case, another console
dom0_cmdline() {
	echo "console=hvc0 quiet panic=-1 baton.case=$NAME" \
		"baton.script=$SCRIPT baton.step=$((STEP + 1))" \
		"xen.digest=$(option xen.digest sha256) $*"
}

# The same for a Linux that comes instead of Xen
linux_cmdline() {
	dom0_cmdline "$@" | sed s/hvc0/ttyS0/
}

# to_this_xen XEN DOM0 INITRD OPTIONS...: a policy among the options counts
to_this_xen() {
	local xen=$1 dom0=$2 initrd=$3
	shift 3
	baton upgrade --policy reset --digest "$(option xen.digest sha256)" \
		--target xen --kernel "$xen" --cmdline "$XEN_CMDLINE" \
		--module "$dom0" --module "$initrd" "$@"
}

start_xen() {
	to_this_xen "$@"
	bad "upgrade came back with $?"
	finish
}

# upgrade_to_xen OPTIONS...: start Xen with the dom0 in /files
upgrade_to_xen() {
	next_initrd /tmp/initrd || bad "next initrd"
	# the words are several
	# shellcheck disable=SC2086
	start_xen /files/xen.gz \
		"/files/vmlinuz-dom0 $(dom0_cmdline $DOM0_WORDS)" \
		/tmp/initrd "$@"
}

# load_xen OPTIONS...: the same up to the jump, for `baton exec`
# shellcheck disable=SC2086
load_xen() {
	next_initrd /tmp/initrd || bad "next initrd"
	to_this_xen /files/xen.gz \
		"/files/vmlinuz-dom0 $(dom0_cmdline $DOM0_WORDS)" \
		/tmp/initrd --no-exec "$@" || bad "upgrade --no-exec"
}

# By single commands: the guests are saved with the contents of their pages
collect_next() {
	next_initrd /tmp/initrd || bad "next initrd"
	baton collect --xen-all -o /tmp/next.lu || bad "collect: $?"
}

pack_next() {
	# the words are several
	# shellcheck disable=SC2046,SC2086
	baton pack --stream /tmp/next.lu --policy reset --digest xxh64 \
		--target xen --kernel /files/xen.gz --cmdline "$XEN_CMDLINE" \
		--module "/files/vmlinuz-dom0 $(dom0_cmdline $DOM0_WORDS)" \
		--module /tmp/initrd -o /tmp/next.dtb || bad "pack: $?"
}

# Xen's daemons. Guests' consoles are written to $CONSOLES/guest-NAME.log
CONSOLES=/var/log/xen/console
start_xen_tools() {
	if is_debian; then
		systemctl start xen || bad "xen.service"
		return
	fi
	mkdir -p /run/xen /run/lock $CONSOLES /var/lib/xen /var/lib/xenstored \
		/dev/pts /etc/xen
	mount -t devpts devpts /dev/pts
	: >/etc/xen/xl.conf
	[ -e /var/run ] || ln -s /run /var/run
	[ -e /var/lock ] || ln -s /run/lock /var/lock
	xenstored --pid-file /run/xen/xenstored.pid || bad "xenstored"
	xen-init-dom0 >/dev/null || bad "xen-init-dom0"
	xenconsoled --log=guest --log-dir=$CONSOLES \
		--pid-file /run/xen/xenconsoled.pid || bad "xenconsoled"
}

# insert MODULE...
insert() {
	local ko
	for ko in "$@"; do
		insmod "/lib/modules/$ko.ko" || bad "insmod $ko"
	done
}

# insert_disks: dom0's own
insert_disks() {
	insert virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev \
		virtio_pci virtio_blk
}

# insert_backends: disks of dom0's own, and drivers that give guests disks and network
# cards; and what Debian's scripts do for devices that need nothing else
insert_backends() {
	insert_disks
	insert xen-blkback xen-netback
	echo 1 >/proc/sys/net/ipv4/ip_forward
	mkdir -p /etc/xen/scripts
	cat >/etc/xen/scripts/block <<-'END'
	#!/bin/sh
	disk=$(xenstore read "$XENBUS_PATH/params")
	[ "$1" = add ] || exit 0
	xenstore write "$XENBUS_PATH/physical-device" "$(stat -c %t:%T "$disk")"
	xenstore write "$XENBUS_PATH/hotplug-status" connected
	END
	cat >/etc/xen/scripts/vif-route <<-'END'
	#!/bin/sh
	ip=$(xenstore read "$XENBUS_PATH/ip")
	[ "$1" = online ] || exit 0
	ip address add "${ip%.*}.1/24" dev "$vif"
	ip link set "$vif" up
	xenstore write "$XENBUS_PATH/hotplug-status" connected
	END
	chmod 755 /etc/xen/scripts/*
}

# make_ramdisk DRIVER...: of guests, with those of their kernel: RAMDISK
make_ramdisk() {
	local name
	mkdir -p /tmp/more/lib
	for name in "$@"; do
		cp /files/*-$name.ko "/tmp/more/lib/$name.ko" || bad "no $name"
	done
	cp /images/base.cpio /tmp/ramdisk
	pad512 /tmp/ramdisk
	(cd /tmp/more && find . | cpio -o -H newc 2>/dev/null) >>/tmp/ramdisk
	RAMDISK=/tmp/ramdisk
}

# start_guest NAME MIB PATTERN-MIB LINE...: with lines of its configuration; TYPE
# (pv, pvh, hvm), EXTRA words of its command line, and another RAMDISK
start_guest() {
	local name=$1
	cat >"/tmp/$1.cfg" <<-END
	type = "${TYPE:-pv}"
	name = "$1"
	memory = $2
	kernel = "/files/vmlinuz-guest"
	ramdisk = "${RAMDISK:-/images/base.cpio}"
	extra = "console=hvc0 quiet baton.case=xen-guest baton.pattern=$3 ${EXTRA:-}"
	END
	shift 3
	[ $# = 0 ] || printf '%s\n' "$@" >>"/tmp/$name.cfg"
	xl create -q "/tmp/$name.cfg" || bad "xl create $name"
}

# beside NAME MIB: a domain that never runs
beside() {
	cat >/tmp/beside.cfg <<-END
	type = "pv"
	name = "$1"
	memory = $2
	kernel = "/files/vmlinuz-guest"
	END
	xl create -q -p /tmp/beside.cfg || bad "xl create $1"
}

# wait_guest NAME TEXT SECONDS: until it has printed TEXT
wait_guest() {
	local i=0
	while ! grep -q "$2" "$CONSOLES/guest-$1.log" 2>/dev/null; do
		i=$((i + 1))
		[ $i -lt $(($3 * 5)) ] || {
			grep -v "pattern unbroken\|: tick" \
				"$CONSOLES/guest-$1.log" | tail -n 12
			tail -n 5 "$CONSOLES/guest-$1.log"
			bad "guest $1 did not say $2"
			return
		}
		usleep 200000
	done
}

# last_tick NAME, first_tick NAME
last_tick() {
	sed -n 's/.*guest: tick \([0-9]*\),.*/\1/p' "$CONSOLES/guest-$1.log" |
		tail -n 1
}

first_tick() {
	sed -n 's/.*guest: tick \([0-9]*\),.*/\1/p' "$CONSOLES/guest-$1.log" |
		head -n 1
}

# QEMU's edu, which no driver has: it may write to memory from make_master on, until
# somebody takes that from it
EDU=$(grep -ls 0x11e8 /sys/bus/pci/devices/*/device | sed 's,/device$,,')

make_master() {
	printf '\006' | dd of="$EDU/config" bs=1 seek=4 conv=notrunc 2>/dev/null
	check "a device writes to memory" is_master
}

is_master() {
	[ $(($(hexdump -s 4 -n 1 -e '1/1 "%d"' "$EDU/config") & 4)) != 0 ]
}

no_master() {
	! is_master
}

# Free memory of Xen's, MiB
free_mib() {
	xl info | sed -n 's/^free_memory *: *//p'
}

# free_is_still WHEN MIB: as before, but for what a domain takes besides its
# memory: tables, grants, rings
free_is_still() {
	check "$1: free memory $2, now $(free_mib) MiB" \
		[ $(($2 - $(free_mib))) -lt 16 ]
}

# frames_are_free BEFORE MIB: what is free now, and was before the guests went on
frames_are_free() {
	sleep 3
	check "their frames are the heap's: $1, now $(free_mib) MiB" \
		[ $(($(free_mib) - $1)) -ge $(($2 - 16)) ]
}

# still_kept NAME WHEN MIB: its frames are, and free memory is what it was
still_kept() {
	sleep 1
	free_is_still "$2" "$3"
	check "$1 is still kept" sh -c "baton status | grep -q ' $1 .* kept'"
}

# as_ever NAME MIB: what xl does with any guest
as_ever() {
	local free
	xl mem-set "$1" "$2" || bad "mem-set"
	has_mib "$1" "$2"
	runs_on "mem-set" "$1"
	free=$(free_mib)
	xl save "$1" /tmp/saved || bad "xl save"
	sleep 3
	check "saved: free memory $free, now $(free_mib) MiB" \
		[ $(($(free_mib) - free)) -ge $(($2 - 16)) ]
	xl restore /tmp/saved || bad "xl restore"
	rm /tmp/saved
	runs_on "saved and restored" "$1"
	free_is_still "$1 is restored" "$free"
}

# migrated NAME: to this very host, while it runs; a PV guest would need shadow page
# tables, which Debian's Xen has not
migrated() {
	local free
	free=$(free_mib)
	# the name that it has meanwhile is that of its console's file
	ln -s "guest-$1.log" "$CONSOLES/guest-$1--incoming.log"
	xl migrate -s '' "$1" "xl migrate-receive" || bad "xl migrate"
	runs_on "migrated to this host" "$1"
	sleep 3
	free_is_still "$1 is migrated" "$free"
}

# put_save_library: where baton upgrade looks for it
put_save_library() {
	mkdir -p /usr/lib/baton
	cp /files/xen-save.so /usr/lib/baton
}

# put_livepatch: where baton restore looks for it
put_livepatch() {
	mkdir -p /usr/lib/baton/livepatch
	cp /files/xen.livepatch \
		"/usr/lib/baton/livepatch/$(cat /files/build-id).livepatch"
}

# has_mib NAME MIB: it has no more, in two minutes. By xl's MiB: a moment later by
# the page
has_mib() {
	local i=0
	until xl list "$1" | awk -v mib="$2" 'NR == 2 { exit $3 > mib }'; do
		i=$((i + 1))
		[ $i -lt 600 ] || { xl list; bad "$1 has more than $2 MiB"; return; }
		usleep 200000
	done
	sleep 2
}

# restore_both LOOK: g1 and g2 run on, and restore says how in /run/restored. LOOK 1:
# their frames are taken just before
restore_both() {
	baton restore --xen --paused >/run/restored 2>&1 || bad "restore"
	cat /run/restored
	if [ "$1" = 1 ]; then
		list_kept g1 g2
		take_frames
	fi
	xl unpause g1
	xl unpause g2
}

# both_go_on MIB SECONDS SECONDS: g1 and g2 tick in so long, no memory was taken of the
# so many MiB that were free, and status says that they have their frames
both_go_on() {
	free_is_still "both go on" "$1"
	guest_goes_on g1 "$2"
	guest_goes_on g2 "$3"
	baton status | tee /run/status
	check "status says how" \
		[ "$(grep -c 'runs on in place' /run/status)" = 2 ]
}

# sent NAME MAX: pages that restore said it sent, in /run/restored
sent() {
	local count
	count=$(sed -n "s/.*$1: in place[^:]*: \([0-9]*\) of.*/\1/p" /run/restored |
		tail -n 1)
	check "$1: ${count:-no} pages were sent" [ "${count:-99999}" -le "$2" ]
}

# list_ordinary BLOB [NAME]: its frames but page tables, and those that libxenguest
# clears: xenstore's, the console's and the like, right below 4 GiB; but for the
# guest NAME's
list_ordinary() {
	echo "frames: begin"
	baton inspect --extents "$1" |
		awk -v left="${2:-}" 'NF == 6 && $5 == 0 && $2 != left &&
			$6 !~ /^feff.$/ { print "frame:", $3, $4, $6 }'
	echo "frames: end"
}

# list_kept GUEST...: in the new dom0, those of them that were no page tables when
# they were suspended. What is in both lists is compared
list_kept() {
	echo "frames: begin"
	baton status --extents | awk -v guests=" $* " '$5 == 0 &&
		index(guests, " " $2 " ") { print "frame:", $3, $4 }'
	echo "frames: end"
}

# take_frames: seen from outside now, with `frames = same`
take_frames() {
	echo "frames: take"
	sleep 3
}

# watch_save COUNT: the frames are taken when `baton upgrade` has suspended the last
# of so many guests: what writes to them after that is seen
watch_save() {
	mkdir -p /tmp/watch
	cat >/tmp/watch/xl <<-END
	#!/bin/sh
	[ "\$1" = save ] || exec /usr/sbin/xl "\$@"
	/usr/sbin/xl "\$@" || exit
	echo >>/tmp/watch/saved
	[ "\$(wc -l </tmp/watch/saved)" = $1 ] || exit 0
	# both of two that end together count both
	mkdir /tmp/watch/taken 2>/dev/null || exit 0
	echo "frames: take" >/dev/console
	sleep 3
	END
	chmod 755 /tmp/watch/xl
	PATH=/tmp/watch:$PATH
}

# watch_pause: says when the guest of `baton upgrade` is about to be suspended
watch_pause() {
	mkdir -p /tmp/watch
	cat >/tmp/watch/xl <<-'END'
	#!/bin/sh
	[ "$1" != save ] || echo "note: guest is stopped" >/dev/console
	exec /usr/sbin/xl "$@"
	END
	chmod 755 /tmp/watch/xl
	PATH=/tmp/watch:$PATH
}

# list_beforehand GUEST...: the frames that they have, while they run; then
# upgrade_to_xen takes them
list_beforehand() {
	local name
	collect_next
	pack_next
	baton unload || bad "unload"
	for name in "$@"; do
		runs_on "listed" "$name"
	done
	list_ordinary /tmp/next.dtb
	rm /tmp/next.lu /tmp/next.dtb
	watch_save $#
}

# uuid_of NAME
uuid_of() {
	xl vm-list | awk -v name="$1" '$3 == name { print $1 }'
}

region_base() {
	baton region --json | sed -n 's/.*"base": *\([0-9]*\).*/\1/p'
}

# note_region: after note_ticks, for same_region
note_region() {
	DOM0_WORDS="$DOM0_WORDS region=$(region_base)"
}

same_region() {
	baton region | tee /run/region
	check "the region of the breadcrumb" grep -q breadcrumb /run/region
	check "the region is the first boot's" \
		[ "$(region_base)" = "$(option region 0)" ]
}

# note_ticks NAME...: uuid and last tick of each guest into DOM0_WORDS, for the
# next dom0
note_ticks() {
	local name
	DOM0_WORDS=
	for name in "$@"; do
		DOM0_WORDS="$DOM0_WORDS tick.$name=$(last_tick $name)"
		DOM0_WORDS="$DOM0_WORDS uuid.$name=$(uuid_of $name)"
	done
}

# pass_ticks: what note_ticks left, from an instance without guests to the next
pass_ticks() {
	local word
	# shellcheck disable=SC2013
	for word in $(cat /proc/cmdline); do
		case $word in
		tick.* | uuid.*) DOM0_WORDS="$DOM0_WORDS $word" ;;
		esac
	done
}

# guest_goes_on NAME [SECONDS]: from where it was, and its pattern is unbroken
guest_goes_on() {
	local was
	was=$(sed -n "s/.*tick.$1=\([0-9]*\).*/\1/p" /proc/cmdline)
	wait_guest "$1" "guest: tick" 60
	wait_guest "$1" "guest: pattern unbroken" 60
	check "$1 goes on: tick $was, then $(first_tick "$1")" \
		[ "$(first_tick "$1")" -gt "$was" ]
	was=$(option "uuid.$1" "")
	check "$1 has the uuid it had" [ "$(uuid_of "$1")" = "${was:-none}" ]
	check "$1's pattern is unbroken" \
		sh -c "! grep -q BROKEN $CONSOLES/guest-$1.log"
}

# runs_on WHEN [NAME]: the guest ticks after this was called
runs_on() {
	local was i=0 guest=${2:-g1}
	was=$(last_tick $guest)
	while [ "$(last_tick $guest)" -le $((was + 1)) ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || { xl list; bad "$1: $guest stands still"; return; }
		usleep 200000
	done
	ok "$1: $guest runs on"
}

collect() {
	baton collect "$@" -o /tmp/x.lu
}

# really_to_xen COMMAND...: `baton upgrade`, by that command
# MORE is several words
# shellcheck disable=SC2086
really_to_xen() {
	"$@" upgrade --xen g1 --target xen --kernel /files/xen.gz \
		--cmdline "$XEN_CMDLINE" \
		--module "/files/vmlinuz-dom0 console=hvc0" \
		--module /images/base.cpio --policy reset --region 256M+128M $MORE
}

# to_xen OPTIONS...: all but the jump
to_xen() {
	MORE="--no-exec $*" really_to_xen baton
}
