/* SPDX-License-Identifier: MIT */
/*
 * stage.h - the stages of an update, as they stand in the breadcrumb, in
 * diagnostics and on the console. Codes are never reused (README rule 5).
 */
#ifndef HANDOVER_STAGE_H
#define HANDOVER_STAGE_H

/* X(code, NAME, text, what the stage does) */
#define HO_STAGE_LIST(X) \
	X(0, LOADER, "loader", "before the jump, in the old instance") \
	X(1, ENTRY,  "entry",  "own GDT, IDT, stack, page tables, console") \
	X(2, VERIFY, "verify", "entry block, digests, versions, whole tree") \
	X(3, PASS,   "pass",   "one walk of the LU stream: owner and type") \
	X(4, PLUG,   "plug",   "the target's memory map from what is free") \
	X(5, CHAIN,  "chain",  "place the target, leave the result, jump") \
	X(6, TARGET, "target", "the target runs; begins with the jump")

#define HO_STAGE_COUNT		7

#ifndef __ASSEMBLER__
enum ho_stage {
#define HO_STAGE_ENUM(code, name, text, what) HO_STAGE_##name = code,
	HO_STAGE_LIST(HO_STAGE_ENUM)
#undef HO_STAGE_ENUM
};
#endif

#endif /* HANDOVER_STAGE_H */
