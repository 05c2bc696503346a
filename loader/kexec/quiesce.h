/* SPDX-License-Identifier: MIT */
/*
 * quiesce.h - no device writes to memory any more: what Linux does in a reboot by
 * kexec, and does not in a panic. From user space, where lockdown closes the
 * registers of PCI: a device's driver is unbound, which stops it, and then the
 * command register must say that the device is no bus master.
 */
#ifndef LOADER_QUIESCE_H
#define LOADER_QUIESCE_H

#include "diag.h"

/* Could all be stopped, as far as it can be seen? Nothing is. HO_EQUIESCE: a device
 * that is not behind PCI, or whose driver cannot be unbound. */
int quiesce_look(struct diag_log *diag);
/* Stop all of them, disks with mounted file systems, too. This process must need no
 * file any more. On failure their drivers are bound again. HO_EQUIESCE. */
int quiesce(struct diag_log *diag);
/* Bind the drivers that quiesce() has unbound. */
void quiesce_undo(void);

/*
 * Before a reboot by kexec, in which Linux stops the devices that it has switched on:
 * functions without a driver, which firmware or a program has made bus masters, go on
 * to write wherever they were told to, and no IOMMU translates any more. They are no
 * bus masters after it, and stay so when nothing comes of the jump. HO_EQUIESCE.
 */
int quiesce_driverless(struct diag_log *diag);

/*
 * Before a jump that no driver knows of, Xen's: whatever dom0's drivers have under
 * way ends here. All are no bus masters after it, disks, too: only the jump may come
 * next, or the undo. This process is locked into memory. On failure all is as before.
 * HO_EQUIESCE: one does not stop; HO_EIO.
 */
int quiesce_masters(struct diag_log *diag);
/* The jump came back: they are bus masters again. */
void quiesce_masters_undo(void);

#endif /* LOADER_QUIESCE_H */
