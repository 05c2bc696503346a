/* SPDX-License-Identifier: MIT */
/*
 * trust.h - which targets a stub may start: a key inside the stub's image, and a
 * manifest that the key's owner has signed off the host. Rule 32 of the README.
 *
 * The stub's image holds one struct ho_trust, and so
 * do the door's, which contain the stub on a multiple of 16. It is found by its
 * magic: on a multiple of 16, once. `baton sign`
 * writes the key before the image itself is signed. Without a key (HO_TRUST_NONE)
 * every target is started.
 *
 * The manifest is text, lines that end in a newline, one blank between words:
 *
 *	baton-manifest 1
 *	security-version NUMBER		decimal; see `least`
 *	target KIND			linux, multiboot2 or xen
 *	file DIGEST DIGEST		the image: SHA-256 of its bytes, and of
 *					its command line (bootargs, without NUL
 *					and without what the stub appends)
 *	file DIGEST DIGEST		each module, in its order
 *	target ...
 *
 * Digests are 64 small hexadecimal digits. Nothing else may be there.
 */
#ifndef HANDOVER_TRUST_H
#define HANDOVER_TRUST_H

#include "base.h"

/* "BATNTRST" read as bytes in memory */
#define HO_TRUST_MAGIC		0x545352544e544142	/* since 2 */
#define HO_TRUST_VERSION	1	/* since 2 */
#define HO_TRUST_ALIGN_BYTES	16	/* since 2: in any image */

#define HO_TRUST_NONE		0	/* since 2: no key */
#define HO_TRUST_RSA_SHA256	1	/* since 2: RSASSA-PKCS1-v1_5 with
					 * SHA-256 (RFC 8017), 2048 to 4096
					 * bits: `openssl dgst -sha256 -sign` */
#define HO_TRUST_MODULUS_MIN	256	/* since 2 */
#define HO_TRUST_MODULUS_MAX	512	/* since 2 */

#define HO_MANIFEST_VERSION	1	/* since 2 */
#define HO_MANIFEST_BYTES_MAX	65536	/* since 2 */

#ifndef __ASSEMBLER__

struct ho_trust {
	uint64_t magic;			/* HO_TRUST_MAGIC */
	uint32_t version;		/* HO_TRUST_VERSION */
	uint32_t bytes;			/* sizeof(struct ho_trust) */
	uint32_t alg;			/* HO_TRUST_* */
	uint32_t least;			/* lowest security-version of a
					 * manifest that is taken */
	uint32_t exponent;		/* of the key, odd */
	uint32_t modulus_bytes;		/* of it, used: 0 without a key */
	uint8_t  modulus[HO_TRUST_MODULUS_MAX];	/* big-endian, then zero */
	uint8_t  reserved[32];		/* 0 */
};

HO_ASSERT_FIELD(struct ho_trust, magic, 0);
HO_ASSERT_FIELD(struct ho_trust, version, 8);
HO_ASSERT_FIELD(struct ho_trust, bytes, 12);
HO_ASSERT_FIELD(struct ho_trust, alg, 16);
HO_ASSERT_FIELD(struct ho_trust, least, 20);
HO_ASSERT_FIELD(struct ho_trust, exponent, 24);
HO_ASSERT_FIELD(struct ho_trust, modulus_bytes, 28);
HO_ASSERT_FIELD(struct ho_trust, modulus, 32);
HO_ASSERT_FIELD(struct ho_trust, reserved, 544);
HO_ASSERT_SIZE(struct ho_trust, 576);

#endif /* __ASSEMBLER__ */
#endif /* HANDOVER_TRUST_H */
