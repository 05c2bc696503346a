# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# crashkernel= is on the command line and the kernel reserved nothing for it:
# the refusal says so, in the kernel's own words. A user without privilege
# learns that it has none, whatever there is.

need /sbin/baton
refused 4 ENOREGION baton region
check "what was asked for" \
	grep -q "crashkernel=$(option crashkernel '') failed: " /run/out
check "what the kernel said" \
	grep -q "$(option case.said '' | tr _ ' ')" /run/out
check "a form that holds" grep -q "remedy: .*crashkernel=SIZE" /run/out
check "no place is advised" [ -z "$(grep 'remedy: .*M@' /run/out)" ]
refused 3 EPERM /usr/bin/setpriv --reuid 65534 --clear-groups baton region
check "zeroes" grep -q "/proc/iomem shows zeroes" /run/out
finish
