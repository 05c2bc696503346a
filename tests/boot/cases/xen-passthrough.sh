# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# A PV guest that has a device of the machine: refused, for the device goes on
# writing where the guest's memory was. Without the device it is collected.

need /sbin/baton
. /cases/xen-lib.sh

start_xen_tools
insmod /lib/modules/xen-pciback.ko || bad "xen-pciback"
xl pci-assignable-add 00:04.0 || bad "xl pci-assignable-add"
start_guest g1 160 16 'pci = ["00:04.0"]'
wait_guest g1 "pattern unbroken" 60
check "the guest has the device" sh -c "xl pci-list g1 | grep -q 00:04.0"
refused 6 EXENDOMAIN baton collect --xen g1 -o /tmp/x.lu
check "it says why" grep -q "PCI device" /run/out
refused 6 EXENDOMAIN baton collect --xen-all -o /tmp/x.lu
xl destroy g1
start_guest g2 160 16
wait_guest g2 "pattern unbroken" 60
check "a guest without one is collected" \
	baton collect --xen g2 -o /tmp/x.lu
finish
