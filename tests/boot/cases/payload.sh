# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Linux to stub to a multiboot2 payload, which re-reads everything and ends
# QEMU itself.

need /sbin/baton
. /cases/handover-lib.sh

hold_two
baton upgrade --pid "$ONE" --name one --map memfd:one-huge \
	--map memfd:one-small --state note=/run/one.state \
	--pid "$TWO" --name two --map memfd:two-huge --map memfd:two-small \
	--target multiboot2 --kernel /files/payload.elf \
	--module "/files/payload.elf as a module" \
	--cmdline "baton.case=$NAME pattern" --policy reset
bad "upgrade came back with $?"
finish
