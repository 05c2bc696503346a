/* SPDX-License-Identifier: MIT */
/*
 * attack.h - what a test build of the stub tries at the start of a stage.
 * X(NAME, what). Each must fault into the stub's handler.
 */
#ifndef TESTS_STUB_ATTACK_H
#define TESTS_STUB_ATTACK_H

#define ATTACK_LIST(X) \
	X(frame, "write to a domain's frame") \
	X(readframe, "read a domain's frame") \
	X(blob, "write to the blob") \
	X(image, "write to the staged kernel") \
	X(text, "write to the stub's own text") \
	X(null, "write to address 0") \
	X(execdata, "execute the stub's data") \
	X(execregion, "execute the region") \
	X(ud2, "an invalid instruction") \
	X(divide, "divide by zero") \
	X(nmi, "NMI, by its gate") \
	X(vector200, "an interrupt nobody expects") \
	X(stack, "push with no stack: a double fault") \
	X(overflow, "a recursion far deeper than the stack") \
	X(smash, "a write past an array on the stack") \
	X(report, "a fault, and another one in its report") \
	X(crumb, "a fault, and another one while the breadcrumb is written") \
	X(entry, "an entry block that disagrees with the blob") \
	X(table, "write to the frametable") \
	X(twice, "a fault, and one in the fallback") \
	X(spoilblob, "a damaged node of the blob") \
	X(spoilstream, "a damaged record of the last domain") \
	X(spoilimage, "a damaged kernel") \
	X(spoiltree, "a fault, and a damaged fallback tree") \
	X(spoilfallback, "a fault, and a damaged fallback kernel") \
	X(spoiltable, "a frametable overwritten with zeroes") \
	X(hang, "a loop without end") \
	X(deaf, "the same, with the local APIC switched off") \
	X(wait, "ten seconds for whatever comes from outside") \
	X(spoilcount, "a frametable with one owner less")

enum attack {
#define ATTACK_ENUM(name, what) ATTACK_##name,
	ATTACK_LIST(ATTACK_ENUM)
#undef ATTACK_ENUM
};

/* which.c, one object an image */
extern const enum attack attack_kind;
extern const int attack_stage;

#endif /* TESTS_STUB_ATTACK_H */
