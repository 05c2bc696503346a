# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Debian's disk: GRUB boots it, systemd is up, it stays what it was made.

check "booted from its root" grep -q ' root=UUID=ba700000' /proc/cmdline
check "by the right firmware" right_firmware
check "systemd" [ "$(cat /proc/1/comm)" = systemd ]
check "no unit failed" [ -z "$(systemctl --failed --no-legend)" ]
check "baton runs here" baton --version
check "and a holder" command -v holder
[ "$STEP" = 1 ] || next_boot
finish
