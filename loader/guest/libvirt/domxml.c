// SPDX-License-Identifier: MIT
/*
 * domxml.c - see domxml.h.
 */
#include "domxml.h"

#include <stdlib.h>
#include <string.h>

#include "libxml.h"
#include "number.h"
#include "util.h"

struct domxml {
	const struct libxml *x;
	xmlDoc *doc;
	xmlXPathContext *context;
};

/* One reason each why a domain cannot go. */
static const struct {
	const char *path;		/* it is there */
	int code;
	const char *what;
} reasons[] = {
	{ "/domain[not(@type='kvm' or @type='qemu')]", HO_ELIBVIRT,
	  "not a domain of type kvm or qemu" },
	{ "//devices/emulator[not(. = '/usr/bin/qemu-system-x86_64' or "
	  ". = '/usr/bin/kvm' or . = '/usr/libexec/qemu-kvm' or "
	  "substring(., string-length(.) - 10) = '/baton-qemu')]", HO_ELIBVIRT,
	  "its emulator is not the distribution's QEMU" },
	{ "//devices/hostdev", HO_EGUESTDEV, "hostdev: VFIO, mdev, USB, SCSI" },
	{ "//devices/interface[@type='hostdev' or @type='vdpa']",
	  HO_EGUESTDEV, "interface of the host's hardware (VFIO, vDPA)" },
	{ "//devices/interface[@type='vhostuser']", HO_EGUESTDEV,
	  "vhost-user interface" },
	{ "//devices/disk[@type='vhostuser' or @type='nvme' or @type='vhostvdpa']",
	  HO_EGUESTDEV, "disk of vhost-user, vDPA or VFIO" },
	{ "//devices/disk/transient", HO_EGUESTDEV,
	  "transient disk: what was written would be lost" },
	{ "//devices/filesystem[driver/@type='virtiofs']", HO_EGUESTDEV,
	  "virtiofs" },
	{ "//devices/tpm", HO_EGUESTDEV, "TPM: swtpm's state is in /var" },
	{ "//devices/shmem", HO_EGUESTDEV, "shmem: its memory is not kept" },
	{ "//devices/memory[@model='nvdimm' or @model='virtio-pmem' or "
	  "@model='sgx-epc']",
	  HO_EGUESTDEV, "memory device of a model that is not RAM" },
	{ "//devices/memory[@model='virtio-mem']", HO_EGUESTDEV,
	  "virtio-mem: make it <memory model='dimm'>, without block and requested" },
	{ "//devices/lease", HO_EGUESTBUSY,
	  "lease: another host takes it meanwhile" },
	{ "/domain/launchSecurity", HO_EGUESTDEV,
	  "launchSecurity: its memory is encrypted" },
	{ "/domain[not(memoryBacking/access/@mode='shared') and "
	  "not(cpu/numa/cell/@memAccess='shared')]",
	  HO_ELIBVIRTRAM, "memoryBacking has no access mode shared" },
	{ "/domain/memoryBacking/source[@type='anonymous']", HO_ELIBVIRTRAM,
	  "memoryBacking has source type anonymous" },
};

int domxml_open(struct domxml **out, const char *text, uint64_t bytes,
		struct diag_log *diag)
{
	struct domxml *d = calloc(1, sizeof(*d));

	*out = NULL;
	if (!d)
		return diag_add(diag, HO_ENOMEM, "XML");
	d->x = libxml_open(diag);
	if (!d->x) {
		free(d);
		return -HO_ELIBVIRT;
	}
	if (bytes && bytes <= DOMXML_BYTES_MAX)
		d->doc = d->x->xmlReadMemory(text, bytes, NULL, NULL,
					     XML_PARSE_NONET |
					     XML_PARSE_NOERROR |
					     XML_PARSE_NOWARNING);
	/* a DTD may have entities, which grow, or name files */
	if (d->doc && !d->doc->intSubset && !d->doc->extSubset)
		d->context = d->x->xmlXPathNewContext(d->doc);
	if (d->context) {
		*out = d;
		return 0;
	}
	domxml_close(d);
	return diag_add(diag, HO_ELIBVIRT, "its XML cannot be read");
}

void domxml_close(struct domxml *d)
{
	if (!d)
		return;
	if (d->context)
		d->x->xmlXPathFreeContext(d->context);
	if (d->doc)
		d->x->xmlFreeDoc(d->doc);
	free(d);
}

/* How many there are; *first of them. */
static int find(const struct domxml *d, const char *path, xmlNode **first)
{
	xmlXPathObject *o = d->x->xmlXPathEvalExpression(BAD_CAST path,
							 d->context);
	int count = 0;

	if (o && o->nodesetval)
		count = o->nodesetval->nodeNr;
	if (first)
		*first = count ? o->nodesetval->nodeTab[0] : NULL;
	d->x->xmlXPathFreeObject(o);
	return count;
}

/* Its text, to be freed; NULL: it is not there, or empty. */
static char *text_of(const struct domxml *d, const char *path)
{
	xmlNode *node;
	xmlChar *text;
	char *copy;

	find(d, path, &node);
	text = node ? d->x->xmlNodeGetContent(node) : NULL;
	copy = text && *text ? strdup((const char *)text) : NULL;
	free(text);	/* as xmlFree() is by default */
	return copy;
}

char *domxml_name(const struct domxml *d)
{
	return text_of(d, "/domain/name");
}

bool domxml_has_emulator(const struct domxml *d, const char *program)
{
	char *text = text_of(d, "/domain/devices/emulator");
	bool has = text && !strcmp(text, program);

	free(text);
	return has;
}

bool domxml_uuid(const struct domxml *d, uint8_t uuid[HO_ID_BYTES])
{
	char *text = text_of(d, "/domain/uuid"), *at = text;
	int i = 0, used;

	while (at && i < HO_ID_BYTES) {
		at += *at == '-';
		used = 0;
		if (sscanf(at, "%2hhx%n", &uuid[i], &used) != 1 || used != 2)
			break;
		at += used;
		i++;
	}
	if (i == HO_ID_BYTES && *at)
		i = 0;
	free(text);
	return i == HO_ID_BYTES;
}

bool domxml_has_genid(const struct domxml *d)
{
	return find(d, "/domain/genid", NULL) > 0;
}

int domxml_check(const struct domxml *d, const char *name,
		 struct diag_log *diag)
{
	size_t i;
	int rc = 0;

	if (find(d, "/domain", NULL) != 1)
		return diag_add(diag, HO_ELIBVIRT, "%.31s: no domain", name);
	for (i = 0; i < ARRAY_COUNT(reasons); i++)
		if (find(d, reasons[i].path, NULL))
			rc = diag_add(diag, reasons[i].code, "%.31s: %s",
				      name, reasons[i].what);
	return rc;
}

/* The node with all below it, as text to be freed. */
static char *dump(const struct domxml *d, xmlNode *node)
{
	xmlBuffer *buffer = d->x->xmlBufferCreate();
	char *text = NULL;

	if (buffer && d->x->xmlNodeDump(buffer, d->doc, node, 0, 0) > 0)
		text = strdup((const char *)d->x->xmlBufferContent(buffer));
	d->x->xmlBufferFree(buffer);
	return text;
}

char *domxml_with_emulator(struct domxml *d, const char *program,
			   struct diag_log *diag)
{
	xmlNode *emulator;
	xmlChar *text;
	char *out = NULL;

	if (find(d, "/domain/devices/emulator", &emulator) != 1) {
		diag_add(diag, HO_EGUESTCONF, "XML without one emulator");
		return NULL;
	}
	text = d->x->xmlEncodeSpecialChars(d->doc, BAD_CAST program);
	if (text) {
		d->x->xmlNodeSetContent(emulator, text);
		free(text);
		out = dump(d, d->x->xmlDocGetRootElement(d->doc));
	}
	if (!out)
		diag_add(diag, HO_ENOMEM, "XML");
	return out;
}

#define BACKING		"/domain/memoryBacking"
#define KIB_MOST	(1ull << 40)

/* dumpxml says it in KiB, whatever the unit was. */
uint64_t domxml_memory(const struct domxml *d)
{
	char *text = text_of(d, "/domain/memory[@unit='KiB']");
	uint64_t kib = 0;

	if (!text || !number_parse(text, 1, KIB_MOST, &kib))
		kib = 0;
	free(text);
	return kib << 10;
}

/* libvirt starts no saved domain whose source is another; beside huge pages a file's
 * means nothing. */
#define OTHER_SOURCE	BACKING "/source[not(@type='file')]"

bool domxml_is_keepable(const struct domxml *d)
{
	return find(d, BACKING "/hugepages", NULL) &&
	       find(d, BACKING "/access[@mode='shared']", NULL) &&
	       !find(d, OTHER_SOURCE, NULL) &&
	       !find(d, "//numa/cell[@memAccess='private']", NULL);
}

/* The element at this path, which is made where it is not there. */
static xmlNode *child(struct domxml *d, xmlNode *parent, const char *path,
		      const char *name)
{
	xmlNode *node;

	find(d, path, &node);
	return node || !parent ? node
		: d->x->xmlNewChild(parent, NULL, BAD_CAST name, NULL);
}

char *domxml_keepable(struct domxml *d, struct diag_log *diag)
{
	xmlNode *root, *backing, *access, *node;
	char *out = NULL;

	if (!find(d, "/domain", &root)) {
		diag_add(diag, HO_ELIBVIRT, "XML of no domain");
		return NULL;
	}
	backing = child(d, root, BACKING, "memoryBacking");
	access = child(d, backing, BACKING "/access", "access");
	while (find(d, OTHER_SOURCE, &node)) {
		d->x->xmlUnlinkNode(node);
		d->x->xmlFreeNode(node);
	}
	while (find(d, "//numa/cell[@memAccess='private']", &node) &&
	       d->x->xmlSetProp(node, BAD_CAST "memAccess", BAD_CAST "shared"))
		;
	if (access && child(d, backing, BACKING "/hugepages", "hugepages") &&
	    d->x->xmlSetProp(access, BAD_CAST "mode", BAD_CAST "shared"))
		out = dump(d, root);
	if (!out)
		diag_add(diag, HO_ENOMEM, "XML");
	return out;
}

pid_t domxml_pid(const struct domxml *d)
{
	char *text = text_of(d, "/domstatus/@pid");
	uint64_t pid = 0;

	if (!text || !number_parse(text, 2, INT32_MAX, &pid))
		pid = 0;
	free(text);
	return pid;
}

char *domxml_job(const struct domxml *d)
{
	return text_of(d, "/domstatus/job/@async[. != 'none']");
}

/* "slirpHelper" says that a guest with a user network may have a helper: where it
 * has such a network it has to be as it was, and QEMU's own was used. */
char *domxml_cookie(const struct domxml *d, struct diag_log *diag)
{
	bool user = find(d, "//devices/interface[@type='user']", NULL) > 0;
	char *cpu = NULL, *out = NULL;
	xmlNode *node;

	if (find(d, "/domstatus/cpu", &node))
		cpu = dump(d, node);
	if (asprintf(&out, "<cookie>\n%s\n%s</cookie>\n", cpu ?: "",
		     user ? "" : "<slirpHelper/>\n") < 0) {
		diag_add(diag, HO_ENOMEM, "cookie");
		out = NULL;
	}
	free(cpu);
	return out;
}
