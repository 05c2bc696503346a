// SPDX-License-Identifier: MIT
/*
 * crypto.c - what libcrypto's SHA-256 wants of its surroundings: the CPU's
 * features, and the function that wipes; and what BearSSL's RSA wants, which
 * Debian compiles with _FORTIFY_SOURCE. Names are the libraries'.
 */
#include "crypto.h"

#include "cpu.h"
#include "libc.h"

/* CPUID as the library's own set-up keeps it (OPENSSL_ia32cap(3)): 1.EDX,
 * 1.ECX, 7.EBX, 7.ECX. Only what needs no more than SSE registers is told:
 * AVX state is not switched on here. */
#define CPUID_1_ECX_SSSE3	(1u << 9)
#define CPUID_7_EBX_SHA		(1u << 29)

unsigned int OPENSSL_ia32cap_P[4];

void OPENSSL_cleanse(void *bytes, size_t length);
void OPENSSL_cleanse(void *bytes, size_t length)
{
	memset(bytes, 0, length);
	__asm__ volatile("" : : "r"(bytes) : "memory");
}

/* The caller's compiler knew how much room there is. */
static void check_room(size_t bytes, size_t room)
{
	if (bytes > room)
		__builtin_trap();
}

void *__memcpy_chk(void *to, const void *from, size_t bytes, size_t room);
void *__memcpy_chk(void *to, const void *from, size_t bytes, size_t room)
{
	check_room(bytes, room);
	return memcpy(to, from, bytes);
}

void *__memset_chk(void *to, int value, size_t bytes, size_t room);
void *__memset_chk(void *to, int value, size_t bytes, size_t room)
{
	check_room(bytes, room);
	return memset(to, value, bytes);
}

void crypto_init(void)
{
	uint32_t a = 0, b = 0, c = 0, d = 0;

	cpu_id(&a, &b, &c, &d);
	if (a >= 7) {
		a = 7;
		c = 0;
		cpu_id(&a, &b, &c, &d);
		OPENSSL_ia32cap_P[2] = b & CPUID_7_EBX_SHA;
	}
	a = 1;
	cpu_id(&a, &b, &c, &d);
	OPENSSL_ia32cap_P[1] = c & CPUID_1_ECX_SSSE3;
}
