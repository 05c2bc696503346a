// SPDX-License-Identifier: MIT
/*
 * libvirt_convert.c - see libvirt_convert.h.
 */
#include "libvirt_convert.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "domxml.h"
#include "number.h"
#include "util.h"
#include "virsh.h"

#define SAVES		"/var/lib/libvirt/qemu/save"
#define HUGE_PAGES	"/sys/kernel/mm/hugepages/hugepages-2048kB/"
#define HUGE_BYTES	(2ull << 20)
#define SAMPLE_BYTES	(16u << 20)	/* written to see how fast that is */
#define START_SECONDS	5		/* of libvirt and QEMU, about */
#define MANY_SECONDS	(24 * 3600)	/* more than any save takes */
#define DEVICES_BYTES	(64u << 20)	/* of a save image, more than any has */

struct converting {
	char uuid[40];
	char *name;
	uint64_t bytes;			/* of memory */
	char *config;			/* as it is to be; NULL: it is so */
	bool live;			/* what runs is to be changed */
	uint64_t pages, free_pages;
	double rate;			/* bytes a second; 0: not known */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* `which`: "--inactive" for its configuration, or NULL. */
static struct domxml *open_xml(const char *uuid, const char *which,
			       struct diag_log *diag)
{
	char *xml = virsh_ask((const char *[]){ "dumpxml", "--security-info",
						uuid, which, NULL },
			      -1, VIRSH_SECONDS, diag);
	struct domxml *d = NULL;

	if (xml)
		domxml_open(&d, xml, strlen(xml), diag);
	free(xml);
	return d;
}

/* Memory is no reason afterwards; another reason would make it of no use. */
static int look_at_live(struct converting *c, const char *given,
			struct diag_log *diag)
{
	struct domxml *d = open_xml(c->uuid, NULL, diag);
	char *changed;
	int rc = 0;

	if (!d)
		return -diag->items[diag->kept - 1].code;
	c->name = domxml_name(d);
	c->bytes = domxml_memory(d);
	c->live = !domxml_is_keepable(d);
	if (!c->name || !c->bytes)
		rc = diag_add(diag, HO_ELIBVIRT, "%s: its XML has no name or memory",
			      c->uuid);
	else if (strcmp(given, c->name) && strcmp(given, c->uuid))
		rc = diag_add(diag, HO_ELIBVIRTDOMAIN,
			      "%.60s is neither its name nor its uuid", given);
	changed = rc ? NULL : domxml_keepable(d, diag);
	if (changed)
		rc = domxml_check(d, c->name, diag);
	else if (!rc)
		rc = -HO_ENOMEM;
	free(changed);
	domxml_close(d);
	return rc;
}

static int look_at_config(struct converting *c, struct diag_log *diag)
{
	struct domxml *d;
	bool persistent;
	int rc = virsh_is_persistent(c->uuid, &persistent, diag);

	if (rc)
		return rc;
	/* only of one that it has a configuration of, libvirt keeps a save */
	if (!persistent)
		return diag_add(diag, HO_ECONVERT,
				"%.40s is transient: virsh define it first",
				c->name);
	d = open_xml(c->uuid, "--inactive", diag);
	if (!d)
		return -diag->items[diag->kept - 1].code;
	if (!domxml_is_keepable(d)) {
		c->config = domxml_keepable(d, diag);
		rc = c->config ? 0 : -HO_ENOMEM;
	}
	domxml_close(d);
	return rc;
}

static int look_for_room(struct converting *c, struct diag_log *diag)
{
	uint64_t taken = number_in(HUGE_PAGES "resv_hugepages", 0,
				   UINT32_MAX);
	uint64_t want = c->bytes + DEVICES_BYTES, room = 0;
	struct statvfs fs;
	int rc = 0;

	c->pages = (c->bytes + HUGE_BYTES - 1) / HUGE_BYTES;
	c->free_pages = number_in(HUGE_PAGES "free_hugepages", 0,
				  UINT32_MAX);
	c->free_pages -= c->free_pages < taken ? c->free_pages : taken;
	if (c->pages > c->free_pages)
		rc = diag_add(diag, HO_ECONVERTROOM,
			      "%.31s: huge pages of 2 MiB: %llu wanted, %llu free",
			      c->name, (unsigned long long)c->pages,
			      (unsigned long long)c->free_pages);
	if (!statvfs(SAVES, &fs))
		room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (want > room)
		rc = diag_add(diag, HO_ECONVERTROOM,
			      "%.31s: " SAVES ": %llu MiB wanted, %llu free",
			      c->name, (unsigned long long)want >> 20,
			      (unsigned long long)room >> 20);
	return rc;
}

/* As it will be written; what is read again is in the page cache, at best. */
static void measure(struct converting *c)
{
	int fd = open(SAVES, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	uint8_t *sample = calloc(1, SAMPLE_BYTES);
	double start = now(), took;

	if (fd >= 0 && sample &&
	    write(fd, sample, SAMPLE_BYTES) == SAMPLE_BYTES &&
	    !fdatasync(fd)) {
		took = now() - start;
		c->rate = took > 0 ? SAMPLE_BYTES / took : 0;
	}
	if (fd >= 0)
		close(fd);
	free(sample);
}

static void print_plan(const struct converting *c)
{
	if (c->live) {
		printf("%s: libvirt saves it, with %s of memory, to " SAVES "\n",
		       c->name, human_bytes(c->bytes));
		printf("  and starts it from there, in %llu of %llu free huge pages\n",
		       (unsigned long long)c->pages,
		       (unsigned long long)c->free_pages);
		if (c->rate)
			printf("  it stands still for about %.0f s, at most\n",
			       2 * c->bytes / c->rate + START_SECONDS);
	}
	if (c->config)
		printf("%s: memoryBacking of its configuration has <hugepages/> and <access mode='shared'/>\n",
		       c->name);
	fflush(stdout);
}

/* A question to which the XML belongs. */
static int tell_xml(const char *word, const char *uuid, const char *xml,
		    struct diag_log *diag)
{
	const char *words[] = { word, uuid ? uuid : CHILD_FD_PATH,
				uuid ? CHILD_FD_PATH : NULL, NULL };
	size_t length = strlen(xml);
	int fd = memfd_create("xml", MFD_CLOEXEC), rc = 0;
	char *said = NULL;

	if (fd < 0 || write(fd, xml, length) != (ssize_t)length)
		rc = io_error(diag, "memfd_create");
	else
		said = virsh_ask(words, fd, VIRSH_SECONDS, diag);
	if (fd >= 0)
		close(fd);
	rc = rc || said ? rc : -HO_ELIBVIRT;
	free(said);
	return rc;
}

static int start(const struct converting *c, struct diag_log *diag)
{
	return virsh_do((const char *[]){ "start", c->uuid, NULL },
			MANY_SECONDS, diag);
}

/* Of what was saved, in which memory alone may differ. */
static int start_changed(const struct converting *c, const char *was,
			 struct diag_log *diag)
{
	struct domxml *d = NULL;
	char *xml = NULL;
	int rc = domxml_open(&d, was, strlen(was), diag);

	if (!rc)
		xml = domxml_keepable(d, diag);
	domxml_close(d);
	if (!xml)
		return -diag->items[diag->kept - 1].code;
	rc = tell_xml("managedsave-define", c->uuid, xml, diag);
	free(xml);
	return rc ? rc : start(c, diag);
}

/* It goes on, in the other memory or in its own. */
static int start_again(const struct converting *c, struct diag_log *diag)
{
	struct diag_log why, scratch;
	char *was;
	int rc;

	diag_init(&why, HO_STAGE_LOADER);
	diag_init(&scratch, HO_STAGE_LOADER);
	was = virsh_ask((const char *[]){ "managedsave-dumpxml",
					  "--security-info", c->uuid, NULL },
			-1, VIRSH_SECONDS, &why);
	rc = was ? start_changed(c, was, &why) : -HO_ELIBVIRT;
	if (rc && was)
		tell_xml("managedsave-define", c->uuid, was, &scratch);
	free(was);
	if (!rc)
		return 0;
	if (start(c, &scratch))
		return diag_add(diag, HO_ECONVERTWAITS, "%.31s: %.80s",
				c->name, why.items[0].where);
	return diag_add(diag, HO_ECONVERT, "%.31s: %.80s", c->name,
			why.items[0].where);
}

static int change_live(const struct converting *c, struct diag_log *diag)
{
	double begin = now();
	struct diag_log why;
	int rc;

	diag_init(&why, HO_STAGE_LOADER);
	/* libvirt lets it run on by itself when it cannot save it */
	if (virsh_do((const char *[]){ "managedsave", c->uuid, NULL },
		     MANY_SECONDS, &why))
		return diag_add(diag, HO_ECONVERT, "%.31s: %.80s", c->name,
				why.items[0].where);
	rc = start_again(c, diag);
	if (!rc)
		printf("%s goes on, in memory that can be kept; that took %.1f s\n",
		       c->name, now() - begin);
	fflush(stdout);
	return rc;
}

static int run(struct converting *c, const struct guest_convert *o,
	       struct diag_log *diag)
{
	int rc;

	if (!c->live && !c->config) {
		printf("%s: nothing to do, its memory can be kept\n", c->name);
		return 0;
	}
	if (c->live)
		measure(c);
	print_plan(c);
	rc = o->agree(o->context, diag);
	if (rc)
		return rc < 0 ? rc : 0;
	if (c->live)
		rc = change_live(c, diag);
	if (!rc && c->config)
		rc = tell_xml("define", NULL, c->config, diag);
	return rc;
}

int libvirt_convert(const struct guest_convert *o, struct diag_log *diag)
{
	struct converting c = { 0 };
	int rc = virsh_check(diag);

	if (!rc)
		rc = virsh_uuid(o->name, c.uuid, diag);
	if (!rc)
		rc = look_at_live(&c, o->name, diag);
	if (!rc)
		rc = look_at_config(&c, diag);
	if (!rc && c.live)
		rc = look_for_room(&c, diag);
	if (!rc)
		rc = run(&c, o, diag);
	free(c.name);
	free(c.config);
	return rc;
}
