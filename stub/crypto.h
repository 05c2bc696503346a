/* SPDX-License-Identifier: MIT */
/* crypto.h - before the first SHA-256: tell the library what the CPU has. */
#ifndef STUB_CRYPTO_H
#define STUB_CRYPTO_H

void crypto_init(void);

#endif /* STUB_CRYPTO_H */
