/* SPDX-License-Identifier: MIT */
/* headers.S - the contract's headers must be usable from assembly. */
#include "handover/base.h"
#include "handover/breadcrumb.h"
#include "handover/entry.h"
#include "handover/errors.h"
#include "handover/fdt.h"
#include "handover/frametable.h"
#include "handover/package.h"
#include "handover/stage.h"
#include "handover/stream.h"
#include "handover/trust.h"

	.section .rodata
	.quad	HO_STUB_MAGIC, HO_ENTRY_MAGIC, HO_BREADCRUMB_MAGIC
	.quad	HO_PACKAGE_MAGIC, HO_TRUST_MAGIC
	.quad	HO_STUB_HEADER_BYTES, HO_ENTRY_BYTES
	.section .note.GNU-stack, "", @progbits
