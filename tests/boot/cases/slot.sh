# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The kernel has one place for an image. Somebody else's is neither replaced nor
# started nor removed without being told to; one command at a time works on
# it; and a limit of loads is known before a guest stands still.

need /sbin/baton
need /bin/holder
need /sbin/kexec
. /cases/handover-lib.sh

upgrade() { # NAME PID OPTIONS...
	local name=$1 pid=$2
	shift 2
	baton upgrade --no-exec --pid "$pid" --name "$name" \
		--map "memfd:$name-huge" --kernel /images/vmlinuz \
		--initrd /tmp/initrd --cmdline x --policy reset "$@"
}

foreign() {
	kexec -l /images/vmlinuz --initrd=/images/base.cpio --append=x ||
		bad "kexec -l"
}

loaded() { cat /sys/kernel/kexec_loaded; }
state_of() { awk '/^State:/ { print $2 }' "/proc/$1/status"; }

hold_two
next_initrd /tmp/initrd || bad "next initrd"

# between load and exec
upgrade one "$ONE" || bad "upgrade"
foreign
refused 9 ESLOT baton exec
check "unload" baton unload
check "what is not ours stays" [ "$(loaded)" = 1 ]
check "our blob is gone" [ ! -e /run/baton/loaded.dtb ]

# before load
refused 9 ESLOT upgrade one "$ONE"
check "nobody stands still" [ "$(state_of "$ONE")" != T ]
check "unless told to" upgrade one "$ONE" --replace

# an update is loaded: no second one takes its guests' place
refused 9 ELOADED upgrade two "$TWO"
check "nobody stands still" [ "$(state_of "$TWO")" != T ]
check "the first is as it was" sh -c \
	'baton inspect /run/baton/loaded.dtb | grep -q " one "'

check "unload" baton unload
check "nothing is loaded" [ "$(loaded)" = 0 ]

# one command at a time; who has the lock is said
baton upgrade --no-exec --pid "$ONE" --name one --map memfd:one-huge \
	--kernel /images/vmlinuz --initrd /tmp/initrd --cmdline x \
	--policy reset &
HOLDER=$!
usleep 400000
kill -STOP $HOLDER
for command in "unload" "exec" "load /run/no.dtb" "disarm"; do
	# shellcheck disable=SC2086
	refused 10 ELOCKED baton $command
done
check "and since when" grep -q "baton upgrade, process .*, since " /run/out
check "a look is free" baton region
kill -CONT $HOLDER
wait $HOLDER || bad "upgrade that was held up"
check "unload" baton unload

# usage is looked at before anybody stands still
refused 2 EUSAGE baton upgrade --no-exec --pid "$ONE" --map memfd:one-huge \
	--kernel /images/vmlinuz --initrd /tmp/initrd --cmdline x
refused 7 EDOMDUP baton upgrade --no-exec --pid "$ONE" --name a \
	--map memfd:one-huge --pid "$TWO" --name a --map memfd:two-huge \
	--kernel /images/vmlinuz --initrd /tmp/initrd --cmdline x
refused 1 EFILE upgrade one "$ONE" --state note=/nowhere
check "not one was paused for it" sh -c '! grep -q pausing /run/out'

# a long stream stays where it is until exec, or unload
baton upgrade --no-exec --pid "$ONE" --name one --map memfd:one-small \
	--inline-max 4K --state note=/images/vmlinuz \
	--kernel /images/vmlinuz --initrd /tmp/initrd --cmdline x \
	--policy reset || bad "upgrade by reference"
check "the stream is there" [ -s /run/baton/upgrade.lu ]
baton unload || bad "unload"
check "and goes" [ ! -e /run/baton/upgrade.lu ]

# unloading counts against the limit, too, which can only be lowered
baton collect --pid "$ONE" --name one --map memfd:one-huge -o /run/one.lu &&
	baton pack --stream /run/one.lu --kernel /images/vmlinuz \
		--initrd /tmp/initrd --policy reset -o /run/one.dtb ||
	bad "pack"
echo 4 >/proc/sys/kernel/kexec_load_limit_reboot
check "load" baton load /run/one.dtb
check "unload with the second of four" baton unload
check "load with the third" baton load /run/one.dtb
refused 3 EKEXECLIMIT upgrade two "$TWO"
check "nobody was paused" sh -c '! grep -q pausing /run/out'
echo 0 >/proc/sys/kernel/kexec_load_limit_reboot
refused 3 EKEXECLIMIT baton unload
check "nothing was changed: its blob" [ -e /run/baton/loaded.dtb ]
check "and its image" [ "$(loaded)" = 1 ]
check "guests run on with it" baton unload --image-stays
check "the image stays" [ "$(loaded)" = 1 ]
refused 9 EUNDONE baton exec
refused 9 EUNDONE baton load /run/one.dtb
baton status >/run/out 2>&1
check "status says so" grep -q "would start a past of them" /run/out
finish
