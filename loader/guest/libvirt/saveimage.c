// SPDX-License-Identifier: MIT
/*
 * saveimage.c - see saveimage.h. Numbers are little-endian, as x86 writes them.
 */
#include "saveimage.h"

#include <string.h>

#include "checked.h"
#include "span.h"

#define MAGIC_BYTES	16
#define VERSION		2
#define RAW		0		/* not compressed */
#define ALIGNED		4096

static const char magic[MAGIC_BYTES + 1] = "LibvirtQemudSave";

/* As in the file; all is 4-byte aligned, so there is no padding. */
struct head {
	char magic[MAGIC_BYTES];
	uint32_t version;
	uint32_t text_bytes;		/* XML, cookie, zeroes */
	uint32_t was_running;
	uint32_t compressed;
	uint32_t cookie_offset;		/* in the text; 0: none */
	uint32_t unused[14];
};
_Static_assert(sizeof(struct head) == SAVEIMAGE_HEAD_BYTES, "libvirt's head");

static uint64_t text_used(const struct saveimage *s)
{
	return s->xml_bytes + 1 + (s->cookie ? s->cookie_bytes + 1 : 0);
}

uint64_t saveimage_text_bytes(const struct saveimage *s)
{
	if (s->xml_bytes > SAVEIMAGE_TEXT_MAX ||
	    s->cookie_bytes > SAVEIMAGE_TEXT_MAX)
		return 0;
	return align_up(SAVEIMAGE_HEAD_BYTES + text_used(s), ALIGNED);
}

void saveimage_write(const struct saveimage *s, uint8_t *out)
{
	struct head head = {
		.version = VERSION,
		.text_bytes = saveimage_text_bytes(s) - SAVEIMAGE_HEAD_BYTES,
		.was_running = s->running,
		.compressed = RAW,
		.cookie_offset = s->cookie ? s->xml_bytes + 1 : 0,
	};

	memcpy(head.magic, magic, MAGIC_BYTES);
	memset(out, 0, saveimage_text_bytes(s));
	memcpy(out, &head, sizeof(head));
	out += sizeof(head);
	memcpy(out, s->xml, s->xml_bytes);
	if (s->cookie)
		memcpy(out + s->xml_bytes + 1, s->cookie, s->cookie_bytes);
}

static int bad(struct diag_log *diag, const char *what)
{
	return diag_add(diag, HO_EGUESTCONF, "save image: %s", what);
}

/* A text that ends within the span; NULL: it does not. */
static const char *text_at(const struct span *s, uint64_t offset,
			   uint64_t *bytes)
{
	const uint8_t *start = s->bytes + offset, *end;

	if (offset >= s->length)
		return NULL;
	end = memchr(start, '\0', s->length - offset);
	if (!end)
		return NULL;
	*bytes = end - start;
	return (const char *)start;
}

int saveimage_read(const void *bytes, uint64_t length, struct saveimage *out,
		   struct diag_log *diag)
{
	struct span all = span_of(bytes, length), text;
	struct head head;

	*out = (struct saveimage){ 0 };
	if (!span_read(&all, &head, sizeof(head)) ||
	    memcmp(head.magic, magic, MAGIC_BYTES))
		return bad(diag, "it is none");
	if (head.version != VERSION || head.compressed != RAW)
		return bad(diag, "version, or compressed");
	if (head.text_bytes > 2 * SAVEIMAGE_TEXT_MAX ||
	    !span_take(&all, head.text_bytes, &text))
		return bad(diag, "cut off");
	out->running = head.was_running;
	out->xml = text_at(&text, 0, &out->xml_bytes);
	if (!out->xml || !out->xml_bytes)
		return bad(diag, "XML has no end");
	if (head.cookie_offset) {
		out->cookie = text_at(&text, head.cookie_offset,
				      &out->cookie_bytes);
		if (!out->cookie || head.cookie_offset <= out->xml_bytes)
			return bad(diag, "cookie");
	}
	out->state = all.bytes + all.offset;
	out->state_bytes = span_left(&all);
	return 0;
}
