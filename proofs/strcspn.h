/* SPDX-License-Identifier: MIT */
/*
 * strcspn.h - ISO C's strcspn() of one letter to stop at: CBMC has none.
 */
#ifndef PROOFS_STRCSPN_H
#define PROOFS_STRCSPN_H

#include <stddef.h>

size_t strcspn(const char *in, const char *stop)
{
	size_t i;

	for (i = 0; in[i] && in[i] != *stop; i++)
		;
	return i;
}

#endif /* PROOFS_STRCSPN_H */
