/* SPDX-License-Identifier: MIT */
/*
 * held.h - what a blob says of the firmware, compared with what the old kernel
 * says. With a key in the stub a blob may be anybody's, and a kernel under
 * lockdown is not: a false system table or RSDP would be code in the new
 * kernel, and Secure Boot that is said to be off would unlock it.
 */
#ifndef CORE_HELD_H
#define CORE_HELD_H

#include "facts.h"

/*
 * `f` and `map` (not settled) are as bootparams_read() left them. EFI's tables,
 * its mode and Secure Boot's state are the same in both, each descriptor of the
 * blob's EFI map is in the kernel's, which `memory` shows; an RSDP of the blob is
 * the kernel's, or where it names none lies in a range of its map that is ACPI
 * data. What the kernel says is ACPI's (its RSDP, too) or code and data of EFI's
 * runtime services is in no memory of the blob's. HO_EOTHERFACTS.
 */
int held_check(const struct facts *f, const struct hostmap *map,
	       const struct physmem *memory, const struct blob *b,
	       struct diag_log *diag);

#endif /* CORE_HELD_H */
