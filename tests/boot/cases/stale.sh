# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# The machine is reset while the stub is in the middle of an update, and comes
# up by the door again: the same region, whose first page still has that
# update's breadcrumb.

need /sbin/baton
. /cases/handover-lib.sh

baton status | tee /run/status
if baton status --json | grep -q '"previous"'; then
	check "which update, and where it stopped" grep -q \
		"^before it .*update 1, .*did not complete, stage plug" \
		/run/status
	check "this is a first boot" grep -q "first boot" /run/status
	check "no domain" grep -q "no domain was kept" /run/status
	check "the region is its own" \
		sh -c "baton region | head -n 1 | grep -q breadcrumb"
	finish
fi
hold_two
start_target --stub /files/stub-wait.bin \
	--pid "$ONE" --name one --map memfd:one-huge --map memfd:one-small \
	--pid "$TWO" --name two --map memfd:two-huge --map memfd:two-small
