// SPDX-License-Identifier: MIT
/*
 * tarfile.c - see tarfile.h.
 */
#include "tarfile.h"

#include <stddef.h>
#include <string.h>

#define BLOCK		512
#define LENGTH_MAX	077777777777ull

/* Numbers are octal digits and a NUL. */
struct header {
	char name[TARFILE_NAME_BYTES];
	char mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
	char type, link[100], magic[6], version[2];
	char user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a block");
_Static_assert(offsetof(struct header, magic) == 257, "ustar");

/* The sum of all bytes, with blanks in its own place. */
static void seal(struct header *h)
{
	const uint8_t *at = (const uint8_t *)h;
	unsigned int sum = 0;
	size_t i;

	memset(h->checksum, ' ', sizeof(h->checksum));
	for (i = 0; i < sizeof(*h); i++)
		sum += at[i];
	snprintf(h->checksum, 7, "%06o", sum);
}

int tarfile_add(struct outfile *o, const char *name, const void *bytes,
		uint64_t length, time_t when, struct diag_log *diag)
{
	static const char zeroes[BLOCK];
	struct header h = { .mode = "0000600", .uid = "0000000",
		.gid = "0000000", .type = '0', .magic = "ustar",
		.version = { '0', '0' }, .user = "root", .group = "root" };
	int rc;

	if (strlen(name) >= sizeof(h.name) || length > LENGTH_MAX)
		return diag_add(diag, HO_EINTERNAL, "%.40s in a tar", name);
	memcpy(h.name, name, strlen(name));
	snprintf(h.size, sizeof(h.size), "%011llo", (unsigned long long)length);
	snprintf(h.mtime, sizeof(h.mtime), "%011llo",
		 (unsigned long long)when & LENGTH_MAX);
	seal(&h);
	rc = outfile_write(o, &h, sizeof(h), diag);
	if (!rc)
		rc = outfile_write(o, bytes, length, diag);
	return rc ? rc : outfile_write(o, zeroes, -length % BLOCK, diag);
}

int tarfile_end(struct outfile *o, struct diag_log *diag)
{
	static const char zeroes[2 * BLOCK];

	return outfile_write(o, zeroes, sizeof(zeroes), diag);
}
