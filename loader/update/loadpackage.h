/* SPDX-License-Identifier: MIT */
/*
 * loadpackage.h - the same pieces that kexec_load(2) takes as one file, for
 * kexec_file_load(2), and whether the kernel has put that and the door where they
 * do no harm (handover/package.h).
 */
#ifndef LOADER_LOADPACKAGE_H
#define LOADER_LOADPACKAGE_H

#include "blob.h"
#include "handover/package.h"
#include "kexec.h"

struct load_package {
	void *bytes;			/* load_package_free() */
	uint64_t length;
	/* of load_package_look() */
	const struct blob *blob;	/* its stream shown */
	struct range self;		/* pa of the blob */
	bool force;			/* wherever it lies */
};

/* Copy them together: p->blob and p->self are set, `entry` is sealed. HO_ENOMEM,
 * HO_EPACKAGE: a piece that the blob names is not among them; HO_EPAGETABLE: the
 * door cannot show itself the stream. */
int load_package_make(struct load_package *p, const struct ho_entry *entry,
		      const struct kexec_piece *pieces, int count,
		      struct diag_log *diag);
/* For a crash Linux tells the door of ACPI's ranges as /proc/iomem has them, with
 * tables that an initrd has put into RAM, too. A door with a key takes none of them
 * for memory, so the blob must not. HO_ECRASHIMAGE. */
int load_package_crash_map(const struct blob *b, struct diag_log *diag);
/* Free its memory. One that was not made is fine. */
void load_package_free(struct load_package *p);

/* Is the stub in the door that of the blob? Codes of kexec_door(); HO_EOWNER,
 * HO_EDOORSTUB. */
int load_package_stub(const void *stub, uint64_t bytes,
		      struct diag_log *diag);

/* struct kexec_package's look(); context is the package. HO_EDOORPLACE, codes of
 * package_prove(). */
int load_package_look(void *context, const struct range *at, int count,
		      struct diag_log *diag);

#endif /* LOADER_LOADPACKAGE_H */
