// SPDX-License-Identifier: MIT
/*
 * fakexenlib.c - see fakelibs.h: the functions of Xen's libraries that the
 * loader calls, over what a test says of the guests.
 */
#include "fakexenlib.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fakekernel.h"
#include "fakelibs.h"
#include "fakeroot.h"
#include "real.h"
#include "xen.h"

#include <xen/hvm/params.h>

#define FAKE_DOMIDS	0x7fef		/* above: DOMID_IO and the like */
#define FAKE_DOMID_KEPT	0x7ff6		/* DOMID_KEPT of xen/baton.h */

int fake_xen_fails(void)
{
	errno = fake_xen->fail;
	return fake_xen->fail ? -1 : 0;
}

static void *open_any(void)
{
	return &fake_handle;
}

static int close_any(void)
{
	return 0;
}

static int physinfo(void *x, xc_physinfo_t *out)
{
	fake_step();
	(void)x;
	memset(out, 0, sizeof(*out));
	out->free_pages = fake_xen->free_pages;
	return fake_xen_fails();
}

static int getinfolist(void *x, uint32_t first, unsigned int max,
		       xc_domaininfo_t *out)
{
	unsigned int count = 0;
	char paused[32], late[32];
	int i;

	(void)x;
	if (fake_xen->deaf && fake_has("/deaf")) {
		fake_xen->deaf--;
		errno = EIO;
		return -1;
	}
	for (i = 0; i < FAKE_XEN_GUESTS && count < max; i++) {
		const struct fake_xen_guest *g = &fake_xen->guests[i];

		snprintf(late, sizeof(late), "/late.%u", g->domid);
		if (!g->domid || g->domid < first ||
		    (g->late && !fake_has(late)))
			continue;
		memset(&out[count], 0, sizeof(*out));
		out[count].domain = g->domid;
		snprintf(paused, sizeof(paused), "/paused.%u", g->domid);
		out[count].flags = g->flags | (fake_has(paused)
					       ? XEN_DOMINF_paused : 0);
		out[count].shared_info_frame = g->shared_info;
		out[count].shr_pages = g->shared;
		out[count].paged_pages = g->paged;
		out[count].tot_pages = g->pages;
		out[count].cpu_time = g->cpu_time;
		memcpy(out[count++].handle, g->uuid, 16);
	}
	return fake_xen_fails() ? -1 : (int)count;
}

static int memory_map(void *x, struct e820entry *out, uint32_t max)
{
	(void)x;
	if (max < 2 || fake_xen_fails())
		return -1;
	out[0] = (struct e820entry){ 0, 0x9fc00, 1 };
	out[1] = (struct e820entry){ 0x100000, 0x3ff00000, 1 };
	return 2;
}

static int kexec_load(void *x, uint8_t type, uint16_t arch, uint64_t entry,
		      uint32_t count, xen_kexec_segment_t *segments)
{
	uint32_t i;

	(void)x;
	(void)type;
	(void)arch;
	(void)entry;
	if (fake_xen_fails())
		return -1;
	fake_xen->loads++;
	fake_remove("/segments");
	for (i = 0; i < count; i++)
		fake_segment(i, segments[i].dest_maddr,
			     (void *)segments[i].buf.h.p,
			     segments[i].buf_size);
	return 0;
}

static int kexec_unload(void *x, int type)
{
	(void)x;
	(void)type;
	fake_xen->unloads++;
	return fake_xen_fails();
}

static int kexec_exec(void *x, int type)
{
	(void)x;
	(void)type;
	if (fake_xen_fails())
		return -1;
	fake_xen->jumps++;
	if (fake_xen->jump_signal)
		raise(fake_xen->jump_signal);
	if (fake_xen->jump_fails)
		return -1;
	fake_place_segments();
	fflush(NULL);
	exit(FAKE_JUMPED);
}

static int kexec_range(void *x, int range, int nr, uint64_t *size,
		       uint64_t *start)
{
	(void)x;
	(void)range;
	(void)nr;
	*size = fake_xen->kexec_bytes;
	*start = fake_xen->kexec_base;
	return fake_xen_fails();
}

static int version(void *x, int what, void *out)
{
	xen_build_id_t *id = out;

	(void)x;
	if (fake_xen_fails())
		return -1;
	switch (what) {
	case XENVER_build_id:
		memset(id->buf, FAKE_XEN_BUILD, 20);
		return 20;
	case XENVER_commandline:
		strcpy(out, "placeholder dom0_mem=512M console=com1");
		return 0;
	}
	return -1;
}

static void *alloc_buffer(void *x, size_t bytes)
{
	(void)x;
	return aligned_alloc(4096, (bytes + 4095) & ~4095ull);
}

static void free_buffer(void *x, void *buffer)
{
	(void)x;
	free(buffer);
}

/* Copies: of /dev/mem. */
static void *map(void *x, uint32_t domid, int prot, size_t count,
		 const xen_pfn_t *mfns, int *errors)
{
	int fd = __real_open(fake_path("/dev/mem"), O_RDONLY | O_CLOEXEC, 0);
	char *at = mmap(NULL, count * 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	fake_step();
	(void)x;
	(void)prot;
	if ((domid == FAKE_DOMID_KEPT && !fake_xen->keeps) ||
	    (domid > FAKE_DOMIDS && fake_xen->taken)) {
		munmap(at, count * 4096);
		close(fd);
		errno = EPERM;
		return NULL;
	}
	for (i = 0; i < count; i++)
		errors[i] = pread(fd, at + i * 4096, 4096, mfns[i] << 12) ==
			    4096 ? 0 : -EINVAL;
	close(fd);
	return at;
}

static int unmap(void *x, void *at, size_t count)
{
	(void)x;
	return munmap(at, count * 4096);
}

static int types(void *x, uint32_t domid, unsigned int count,
		 xen_pfn_t *frames)
{
	unsigned int i;

	(void)x;
	(void)domid;
	for (i = 0; i < count; i++)
		frames[i] = frames[i] == fake_xen->table_mfn
			  ? 1ull << XEN_DOMCTL_PFINFO_LTAB_SHIFT : 0;
	return fake_xen_fails();
}

static int highest_frame(void *x, unsigned long *out)
{
	(void)x;
	*out = 0x3ffff;
	return fake_xen_fails();
}

const struct fake_xen_guest *fake_xen_guest_of(uint32_t domid)
{
	int i;

	for (i = 0; i < FAKE_XEN_GUESTS; i++)
		if (fake_xen->guests[i].domid == domid)
			return &fake_xen->guests[i];
	fprintf(stderr, "no domain %u in this test\n", domid);
	abort();
}

static int pod_target(void *x, uint32_t domid, uint64_t *pages,
		      uint64_t *cache, uint64_t *entries)
{
	(void)x;
	*pages = fake_xen_guest_of(domid)->pages;
	*cache = 0;
	*entries = fake_xen_guest_of(domid)->demand;
	return fake_xen_fails();
}

static int hvm_param(void *x, uint32_t domid, uint32_t param, uint64_t *out)
{
	(void)x;
	*out = param == HVM_PARAM_ALTP2M ? fake_xen_guest_of(domid)->altp2m : 0;
	return fake_xen_fails();
}

static void *map_m2p(void *x, unsigned long count, int prot,
		     unsigned long *first)
{
	uint64_t *at = mmap(NULL, (8 * count + 0x1fffff) & ~0x1fffffull,
			    PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), i;
	int g;

	(void)x;
	(void)prot;
	(void)first;
	for (g = 0; g < FAKE_XEN_GUESTS; g++)
		for (i = 0; i < fake_xen->guests[g].pages; i++)
			at[fake_xen->guests[g].mfn + i] = i;
	if (fake_xen->alien_mfn)
		at[fake_xen->alien_mfn]++;
	return at;
}

static void *store_read(void *x, uint32_t t, const char *path,
			unsigned int *length)
{
	unsigned int domid;
	char *text;
	int i = 0;

	(void)x;
	(void)t;
	if (sscanf(path, "/local/domain/%u/image/device-model-domid%n", &domid,
		   &i) == 1 && !path[i]) {
		*length =
			asprintf(&text, "%u", fake_xen_guest_of(domid)->model);
		return text;
	}
	if (sscanf(path, "/local/domain/%u/memory/target", &domid) != 1)
		return NULL;
	for (i = 0; i < FAKE_XEN_GUESTS; i++)
		if (fake_xen->guests[i].domid == domid) {
			*length = asprintf(&text, "%llu", (unsigned long long)
					   fake_xen->guests[i].target_kib);
			return text;
		}
	return NULL;
}

static void *hypfs_open(void *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	return &fake_handle;
}

/* The last part of a guest is the last write. */
static int hypfs_write(void *x, const char *path, const char *text)
{
	(void)x;
	errno = ENOENT;
	if (strcmp(path, "/params/baton-release") || !fake_xen->release_parts)
		return -1;
	snprintf(fake_xen->released, sizeof(fake_xen->released), "%s", text);
	errno = EAGAIN;
	return --fake_xen->release_parts ? -1 : 0;
}

void *fake_xen_function(const char *name)
{
	static const struct {
		const char *name;
		void *function;
	} all[] = {
		{ "xc_interface_open", open_any },
		{ "xc_interface_close", close_any },
		{ "xc_version", version },
		{ "xc_physinfo", physinfo },
		{ "xc_vcpu_getinfo", fake_xen_fails },
		{ "xc_domain_getinfolist", getinfolist },
		{ "xc_get_pfn_type_batch", types },
		{ "xc_get_machine_memory_map", memory_map },
		{ "xc_maximum_ram_page", highest_frame },
		{ "xc_domain_get_pod_target", pod_target },
		{ "xc_hvm_param_get", hvm_param },
		{ "xc_map_m2p", map_m2p },
		{ "xc_kexec_load", kexec_load },
		{ "xc_kexec_unload", kexec_unload },
		{ "xc_kexec_exec", kexec_exec },
		{ "xc_kexec_get_range", kexec_range },
		{ "xenforeignmemory_open", open_any },
		{ "xenforeignmemory_close", close_any },
		{ "xenforeignmemory_map", map },
		{ "xenforeignmemory_unmap", unmap },
		{ "xenforeignmemory_map_resource", fake_map_grants },
		{ "xenforeignmemory_unmap_resource", close_any },
		{ "xencall_open", open_any },
		{ "xencall3", fake_grant_call },
		{ "xencall_close", close_any },
		{ "xencall_alloc_buffer", alloc_buffer },
		{ "xencall_free_buffer", free_buffer },
		{ "xenhypfs_open", hypfs_open },
		{ "xenhypfs_write", hypfs_write },
		{ "xenhypfs_close", close_any },
		{ "xs_open", open_any },
		{ "xs_close", close_any },
		{ "xs_read", store_read },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(all[i].name, name))
			return all[i].function;
	return fake_livepatch_function(name);
}
