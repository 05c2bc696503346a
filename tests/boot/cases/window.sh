# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A new instance without /dev/mem: what was kept is read through baton_mem's
# window, and nothing is written there. What is released there is so for the next
# update, too.

need /sbin/baton
need /bin/holder
. /cases/handover-lib.sh

case $STEP in
0)
	hold_two
	update_with_two
	;;
1)
	rm /dev/mem
	refused 1 EIO baton status
	insmod "/files/$(uname -r)-baton_mem.ko" || bad "insmod"
	prove 1
	REGION=$(sed -n 's/.*baton=0x\([0-9a-f]*\).*/\1/p' \
		/proc/cmdline)
	RAM=$(sed -n 's/^\([0-9a-f]*\)-.* : System RAM$/\1/p' /proc/iomem | tail -n 1)
	check "the region's first page is shown" \
		sh -c "memdev look $REGION+1000 | grep -q done"
	for HOW in w x p; do
		case "$(memdev look "$REGION+1000" $HOW)" in
		EPERM | EACCES) ok "not with $HOW" ;;
		*) bad "mapped with $HOW" ;;
		esac
	done
	check "System RAM is refused" [ "$(memdev look "$RAM+1000")" = EPERM ]
	check "and a range that ends in it" \
		[ "$(memdev look "$(printf %x $((0x$RAM - 4096)))+2000")" = EPERM ]
	check "device registers are refused" \
		[ "$(memdev look fee00000+1000)" = EPERM ]
	check "what is beyond all memory is refused" \
		[ "$(memdev look ffffffffff000+1000)" = EPERM ]
	baton salvage one -o /tmp/core || bad "salvage"
	check "salvaged" [ -s /tmp/core ]
	rm /tmp/core
	baton release two || bad "release"
	check "released" grep -q '"released": *true' <<-END
	$(baton status --json)
	END
	check "the region is as it was" [ -e /run/baton/domains ]
	update_again
	;;
2)
	prove_frames 2 1 $((HUGE * 512 + SMALL))
	check "two is not there" sh -c '! baton status | grep -qw two'
	finish
	;;
esac
