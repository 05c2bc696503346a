/* SPDX-License-Identifier: MIT */
/*
 * proof.h - what the harnesses share. A harness gives one function, or one step of
 * a loop, anything that its invariant allows, and asserts what it promises.
 * CBMC then looks for a value that breaks an assertion, or a rule of C.
 *
 * Head of a harness, read by proofs/run:
 *	proof: SOURCE...	what is linked with it, paths from the root
 *	bound: TEXT		what is not any value
 *	flags: OPTION...	for cbmc
 */
#ifndef PROOFS_PROOF_H
#define PROOFS_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "diag.h"

#define assume(what)	__CPROVER_assume(what)
#define check(what)	__CPROVER_assert(what, #what)
/* Nothing comes here, which is what is proved: proofs/run --reach does not ask for it. */
#define never()		__CPROVER_assert(0, "never")

/* Files and streams are no longer than this in any proof. */
#define BYTES_MAX	(4ull << 30)

/* Any value: CBMC knows functions without a body by this name. */
uint64_t nondet_u64(void);
#define any_u64 nondet_u64
uint32_t nondet_u32(void);
#define any_u32 nondet_u32
uint16_t nondet_u16(void);
#define any_u16 nondet_u16
uint8_t nondet_u8(void);
#define any_u8 nondet_u8
int nondet_int(void);
#define any_int nondet_int
bool nondet_bool(void);
#define any_bool nondet_bool

/* `bytes` bytes of any contents, and not one more. */
static inline void *any_bytes(uint64_t bytes)
{
	void *at = malloc(bytes);

	assume(at != NULL);
	return at;
}

static inline uint64_t any_below(uint64_t end)
{
	uint64_t v = any_u64();

	assume(v < end);
	return v;
}

#endif /* PROOFS_PROOF_H */
