// SPDX-License-Identifier: MIT
/*
 * fuzz_libvirt.c - any bytes as what is kept of a libvirt guest, and as what libvirt
 * says of it: a device state, a save image, XML, a configuration. By the first byte.
 */
#include <stdlib.h>
#include <string.h>

#include "domxml.h"
#include "libvirt_conf.h"
#include "saveimage.h"
#include "vmstream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int stream(const uint8_t *data, size_t size, struct diag_log *diag)
{
	uint8_t *out = malloc(size + 1);
	struct vmstream seen;
	uint64_t made = 0;
	int rc = vmstream_plain(data, size, out, &made, &seen, diag);

	/* at least the capability is left out, and nothing is added */
	if (!rc && (made >= size || made < 4 || memcmp(out, data, 4)))
		abort();
	free(out);
	return rc;
}

static int image(const uint8_t *data, size_t size, struct diag_log *diag)
{
	struct saveimage s, back;
	uint64_t text;
	uint8_t *out;
	int rc = saveimage_read(data, size, &s, diag);

	if (rc || !(text = saveimage_text_bytes(&s)))
		return rc;
	out = malloc(text);
	saveimage_write(&s, out);
	if (saveimage_read(out, text, &back, diag) ||
	    strcmp(back.xml, s.xml) || !back.cookie != !s.cookie ||
	    (s.cookie && strcmp(back.cookie, s.cookie)) || back.state_bytes)
		abort();
	free(out);
	return 0;
}

static int xml(const uint8_t *data, size_t size, struct diag_log *diag)
{
	struct domxml *d;
	uint8_t uuid[HO_ID_BYTES];
	int rc = domxml_open(&d, (const char *)data, size, diag);

	if (rc)
		return rc;
	free(domxml_name(d));
	domxml_uuid(d, uuid);
	domxml_has_genid(d);
	domxml_pid(d);
	domxml_check(d, "fuzz", diag);
	free(domxml_cookie(d, diag));
	free(domxml_with_emulator(d, "/usr/lib/baton/baton-qemu", diag));
	domxml_close(d);
	return 0;
}

static int conf(const uint8_t *data, size_t size, struct diag_log *diag)
{
	struct libvirt_conf c;
	int rc = libvirt_conf_read(&c, (const char *)data, size, diag);

	if (!rc)
		free(libvirt_conf_write(&c, diag));
	libvirt_conf_free(&c);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const readers[])(const uint8_t *data, size_t size,
				      struct diag_log *diag) = {
		stream, image, xml, conf,
	};
	struct diag_log diag;

	if (!size)
		return 0;
	diag_init(&diag, HO_STAGE_LOADER);
	if (readers[data[0] % 4](data + 1, size - 1, &diag) && !diag.total)
		abort();
	return 0;
}
