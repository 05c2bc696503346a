// SPDX-License-Identifier: MIT
/*
 * trustslot.c - where `baton sign` writes the key of manifests, handover/trust.h;
 * as built there is none. In a file of its own, so that no compiler knows
 * beforehand what is in it.
 */
#include "stub.h"

const struct ho_trust stub_trust __attribute__((aligned(64))) = {
	.magic = HO_TRUST_MAGIC, .version = HO_TRUST_VERSION,
	.bytes = sizeof(stub_trust), .alg = HO_TRUST_NONE,
};
