/* SPDX-License-Identifier: MIT */
/*
 * crypto.h - what libcrypto's SHA-256 must be told.
 */
#ifndef STUB_CRYPTO_H
#define STUB_CRYPTO_H

/* Before the first digest: tell the library what the CPU has (CPUID). Without
 * it the library takes its slow, plain code. */
void crypto_init(void);

#endif /* STUB_CRYPTO_H */
