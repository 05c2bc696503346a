/* SPDX-License-Identifier: MIT */
/*
 * sign.h - what is done off the host, where the private keys are: the key of
 * manifests into an image, the image signed for Secure Boot by sbsign, and a
 * manifest of targets, signed. Shapes: handover/trust.h.
 */
#ifndef LOADER_SIGN_H
#define LOADER_SIGN_H

#include "pack.h"

struct sign {
	bool manifest;			/* a manifest of `pack`'s targets, not
					 * an image */
	const char *image;		/* baton.kexec or stub.bin */
	const char *output;		/* manifests: and .sig behind it */
	const char *key;		/* PEM: of Secure Boot, or, for a
					 * manifest, of manifests. NULL: no
					 * signature of the image */
	const char *cert;		/* PEM, of that key */
	const char *trust;		/* PEM: public key of manifests; NULL: the
					 * image's slot stays as it is */
	uint32_t least;			/* with trust: oldest security-version */
	uint32_t security_version;	/* of the manifest */
};

/* Write the image, or the manifest of the targets that `p` names and its
 * signature. HO_EUSAGE, HO_EFILE, HO_ETARGET, HO_EKEY: a file is no RSA key of 2048
 * to 4096 bits; HO_ESIGN: not an image with one slot, or sbsign failed. */
int sign_run(const struct sign *s, const struct pack *p,
	     struct diag_log *diag);

#endif /* LOADER_SIGN_H */
