# SPDX-License-Identifier: MIT
# shellcheck shell=dash disable=SC2034
#
# One of each way a case can end, for tests/boot/selftest: which one stands on
# the kernel command line as selftest=KIND.

kind=$(sed -n 's/.*\bselftest=\([a-z0-9]*\).*/\1/p' /proc/cmdline)
echo "first line"
echo "second line of $kind"
case $kind in
ok) ok "one"; finish ;;
bad) ok "one"; bad "two"; finish ;;
badonly) bad "and then forgotten"; FAILED=0; ok "one"; finish ;;
nothing) finish ;;
skip) skip "not here" ;;
need) need /no/such/file ;;
exit) exit 3 ;;
off) drain; poweroff -f; sleep 100 ;;
hang) sleep 1000 ;;
halt) ok "one"; echo "verdict: $NAME success"; echo "halted now"; sleep 1000 ;;
oops) echo c >/proc/sysrq-trigger ;;
esac
