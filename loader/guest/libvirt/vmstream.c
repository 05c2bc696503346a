// SPDX-License-Identifier: MIT
/*
 * vmstream.c - see vmstream.h. All numbers of the stream are big-endian.
 */
#include "vmstream.h"

#include <string.h>

#include "checked.h"
#include "span.h"

#define MAGIC		0x5145564du	/* "QEVM" */
#define VERSION		3
#define CONFIGURATION	0x07		/* QEMU_VM_CONFIGURATION */
#define SUBSECTION	0x05
#define SECTION_START	0x01
#define RAM_MEM_SIZE	0x04		/* a flag below the page's bits */
#define FLAGS		0xfffull
#define CAPABILITIES_MAX 64

struct copier {
	struct span in;
	uint64_t done;			/* of `in`: copied, or left out */
	uint8_t *out;
	uint64_t made;
	struct diag_log *diag;
};

static int bad(struct copier *c, const char *what)
{
	return diag_add(c->diag, HO_EGUESTSAVE, "device state at 0x%llx: %s",
			(unsigned long long)c->in.offset, what);
}

/* Everything since the last call goes out, up to `end`. */
static void copy(struct copier *c, uint64_t end)
{
	memcpy(c->out + c->made, c->in.bytes + c->done, end - c->done);
	c->made += end - c->done;
	c->done = end;
}

/* What was read from `start` on is left out. */
static void leave_out(struct copier *c, uint64_t start)
{
	copy(c, start);
	c->done = c->in.offset;
}

static bool read_byte(struct copier *c, uint8_t *out)
{
	return span_read(&c->in, out, 1);
}

/* A byte of length, and the name. */
static bool read_name(struct copier *c, char name[VMSTREAM_NAME_BYTES])
{
	uint8_t length;

	if (!read_byte(c, &length) || !span_read(&c->in, name, length))
		return false;
	name[length] = '\0';
	return strlen(name) == length;
}

static int read_head(struct copier *c, struct vmstream *seen)
{
	uint32_t magic, version, length;
	uint8_t byte;

	if (!span_be32(&c->in, &magic) || magic != MAGIC)
		return bad(c, "not a stream of QEMU");
	if (!span_be32(&c->in, &version) || version != VERSION)
		return bad(c, "not version 3 of the stream");
	if (!read_byte(c, &byte) || byte != CONFIGURATION)
		return bad(c, "no configuration");
	if (!span_be32(&c->in, &length) || length >= VMSTREAM_NAME_BYTES ||
	    !span_read(&c->in, seen->machine, length))
		return bad(c, "machine type");
	seen->machine[length] = '\0';
	return 0;
}

/* It has to be x-ignore-shared, alone. */
static int read_capabilities(struct copier *c)
{
	char name[VMSTREAM_NAME_BYTES];
	uint32_t count, i;

	if (!span_be32(&c->in, &count) || count > CAPABILITIES_MAX)
		return bad(c, "capabilities");
	for (i = 0; i < count; i++) {
		if (!read_name(c, name))
			return bad(c, "capabilities");
		if (strcmp(name, "x-ignore-shared"))
			return bad(c, "a capability that is not known");
	}
	return count == 1 ? 0 : bad(c, "not one capability");
}

/* Behind the configuration; *found when the capability was there. */
static int read_subsection(struct copier *c, bool *found)
{
	uint64_t start = c->in.offset;
	char name[VMSTREAM_NAME_BYTES];
	uint32_t version;
	int rc;

	if (!span_skip(&c->in, 1) || !read_name(c, name) ||
	    !span_be32(&c->in, &version))
		return bad(c, "subsection");
	if (!strcmp(name, "configuration/target-page-bits"))
		return span_skip(&c->in, 4) ? 0 : bad(c, "page bits");
	if (!strcmp(name, "configuration/uuid"))
		return span_skip(&c->in, HO_ID_BYTES) ? 0 : bad(c, "uuid");
	if (strcmp(name, "configuration/capabilities"))
		return bad(c, "a subsection that is not known");
	if (*found)
		return bad(c, "capabilities twice");
	*found = true;
	rc = read_capabilities(c);
	if (!rc)
		leave_out(c, start);
	return rc;
}

static int read_configuration(struct copier *c, struct vmstream *seen)
{
	bool found = false;
	int rc = read_head(c, seen);

	while (!rc && span_left(&c->in) &&
	       c->in.bytes[c->in.offset] == SUBSECTION)
		rc = read_subsection(c, &found);
	return rc || found ? rc : bad(c, "saved without x-ignore-shared");
}

static int read_block(struct copier *c, uint64_t *left,
		      struct vmstream *seen)
{
	char name[VMSTREAM_NAME_BYTES];
	uint64_t bytes, address, at;

	if (!read_name(c, name) || !span_be64(&c->in, &bytes))
		return bad(c, "block of RAM");
	at = c->in.offset;
	if (!span_be64(&c->in, &address))
		return bad(c, "address of a block of RAM");
	if (!bytes || bytes > *left)
		return bad(c, "blocks of RAM are more than all of it");
	leave_out(c, at);
	*left -= bytes;
	seen->block_count++;
	return 0;
}

static int read_ram(struct copier *c, struct vmstream *seen)
{
	char name[VMSTREAM_NAME_BYTES];
	uint64_t left;
	uint8_t byte;
	int rc = 0;

	if (!read_byte(c, &byte) || byte != SECTION_START ||
	    !span_skip(&c->in, 4) || !read_name(c, name) ||
	    strcmp(name, "ram") || !span_skip(&c->in, 8))
		return bad(c, "its first section is not RAM");
	if (!span_be64(&c->in, &left) || (left & FLAGS) != RAM_MEM_SIZE)
		return bad(c, "size of RAM");
	left &= ~FLAGS;
	seen->ram_bytes = left;
	while (left && !rc)
		rc = read_block(c, &left, seen);
	return rc;
}

int vmstream_plain(const void *bytes, uint64_t length, uint8_t *out,
		   uint64_t *made, struct vmstream *seen,
		   struct diag_log *diag)
{
	struct copier c = { .in = span_of(bytes, length), .out = out,
			    .diag = diag };
	int rc;

	*seen = (struct vmstream){ 0 };
	rc = read_configuration(&c, seen);
	if (!rc)
		rc = read_ram(&c, seen);
	if (rc)
		return rc;
	if (!span_left(&c.in))
		return bad(&c, "nothing behind the blocks of RAM");
	copy(&c, length);
	*made = c.made;
	return 0;
}
