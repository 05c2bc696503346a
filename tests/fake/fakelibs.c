// SPDX-License-Identifier: MIT
/*
 * fakelibs.c - see fakelibs.h.
 */
#include "fakelibs.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "baton_mem.h"
#include "fakekernel.h"
#include "fakeroot.h"
#include "real.h"
#include "xen.h"

#include <xen/grant_table.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

struct fake_xen *fake_xen;

void *__wrap_dlopen(const char *name, int flags);
void *__real_dlopen(const char *name, int flags);
void *__wrap_dlsym(void *library, const char *name);
void *__real_dlsym(void *library, const char *name);
char *__wrap_dlerror(void);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data);

#define FAKE_DOMIDS	0x7fef		/* above: DOMID_IO and the like */
#define FAKE_DOMID_KEPT	0x7ff6		/* DOMID_KEPT of xen/baton.h */

static char handle;

void *__wrap_dlopen(const char *name, int flags)
{
	if (!strcmp(name, "libsystemd.so.0"))
		return &handle;
	if (!strcmp(name, "libxml2.so.2"))
		return __real_dlopen(name, flags);	/* reads text */
	if (strncmp(name, "libxen", 6)) {
		fprintf(stderr, "dlopen(%s): not in a test\n", name);
		abort();
	}
	return fake_xen && fake_xen->there &&
	       (strncmp(name, "libxenctrl.so.", 14) ||
		!strcmp(name, "libxenctrl.so.4.17")) &&
	       (strncmp(name, "libxenguest.so.", 15) ||
		!strcmp(name, "libxenguest.so.4.17")) ? &handle : NULL;
}

char *__wrap_dlerror(void)
{
	return "no such library";
}

static int failed(void)
{
	errno = fake_xen->fail;
	return fake_xen->fail ? -1 : 0;
}

static void *open_any(void)
{
	return &handle;
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
	return failed();
}

static int getinfolist(void *x, uint32_t first, unsigned int max,
		       xc_domaininfo_t *out)
{
	unsigned int count = 0;
	char paused[32];
	int i;

	(void)x;
	for (i = 0; i < FAKE_XEN_GUESTS && count < max; i++) {
		const struct fake_xen_guest *g = &fake_xen->guests[i];

		if (!g->domid || g->domid < first)
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
	return failed() ? -1 : (int)count;
}

static int memory_map(void *x, struct e820entry *out, uint32_t max)
{
	(void)x;
	if (max < 2 || failed())
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
	if (failed())
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
	return failed();
}

static int kexec_exec(void *x, int type)
{
	(void)x;
	(void)type;
	if (failed())
		return -1;
	fake_xen->jumps++;
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
	return failed();
}

static int version(void *x, int what, void *out)
{
	xen_build_id_t *id = out;

	(void)x;
	if (failed())
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
	return failed();
}

static int highest_frame(void *x, unsigned long *out)
{
	(void)x;
	*out = 0x3ffff;
	return failed();
}

static const struct fake_xen_guest *guest_of(uint32_t domid)
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
	*pages = guest_of(domid)->pages;
	*cache = 0;
	*entries = guest_of(domid)->demand;
	return failed();
}

static int hvm_param(void *x, uint32_t domid, uint32_t param, uint64_t *out)
{
	(void)x;
	*out = param == HVM_PARAM_ALTP2M ? guest_of(domid)->altp2m : 0;
	return failed();
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

static void *map_grants(void *x, uint32_t domid, unsigned int type,
			unsigned int id, unsigned long frame,
			unsigned long count, void **out, int prot, int flags)
{
	(void)x;
	(void)prot;
	(void)flags;
	guest_of(domid);
	if (type != XENMEM_resource_grant_table || id || frame || count != 1)
		return NULL;
	*out = fake_xen->grants;
	return &handle;
}

static void map_grant(struct gnttab_map_grant_ref *m)
{
	const struct fake_xen_guest *g = guest_of(m->dom);
	const grant_entry_v1_t *e = (void *)fake_xen->grants;

	e += m->ref;
	if (m->flags != (GNTMAP_device_map | GNTMAP_readonly) ||
	    e->flags != (GTF_permit_access | GTF_readonly) || e->domid ||
	    e->frame >= g->pages ||
	    (fake_xen->alien_gfn && e->frame == fake_xen->alien_gfn)) {
		m->status = GNTST_general_error;
		return;
	}
	m->status = GNTST_okay;
	m->handle = 1000 + m->ref;
	m->dev_bus_addr = (g->mfn + e->frame) << 12;
	fake_xen->grants_mapped++;
}

static int grant_call(void *x, unsigned int op, uint64_t command,
		      uint64_t at, uint64_t count)
{
	struct gnttab_unmap_grant_ref *u = (void *)at;
	struct gnttab_get_version *version = (void *)at;
	struct gnttab_query_size *size = (void *)at;
	struct gnttab_map_grant_ref *m = (void *)at;
	uint64_t i;

	(void)x;
	if (op != __HYPERVISOR_grant_table_op || failed())
		return -1;
	for (i = 0; i < count; i++)
		switch (command) {
		case GNTTABOP_get_version:
			version->version = fake_xen->grant_version ?: 1;
			break;
		case GNTTABOP_query_size:
			size->nr_frames = 1;
			size->status = 0;
			break;
		case GNTTABOP_map_grant_ref:
			map_grant(&m[i]);
			break;
		case GNTTABOP_unmap_grant_ref:
			fake_xen->grants_mapped -= u[i].handle >= 1000;
			u[i].status = 0;
			break;
		default:
			return -1;
		}
	return 0;
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
		*length = asprintf(&text, "%u", guest_of(domid)->model);
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

/* A line an entry, in /journal, its fields behind tabs */
static int journal(const struct iovec *fields, int count)
{
	FILE *f = __real_fopen(fake_path("/journal"), "a");
	int i;

	for (i = 0; f && i < count; i++)
		fprintf(f, "%.*s%c", (int)fields[i].iov_len,
			(char *)fields[i].iov_base, i + 1 < count ? '\t' : '\n');
	return f ? fclose(f) : -1;
}

static void *hypfs_open(void *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	return &handle;
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

void *__wrap_dlsym(void *library, const char *name)
{
	static const struct {
		const char *name;
		void *function;
	} all[] = {
		{ "sd_journal_sendv", journal },
		{ "xc_interface_open", open_any },
		{ "xc_interface_close", close_any },
		{ "xc_version", version },
		{ "xc_physinfo", physinfo },
		{ "xc_vcpu_getinfo", failed },
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
		{ "xenforeignmemory_map_resource", map_grants },
		{ "xenforeignmemory_unmap_resource", close_any },
		{ "xencall_open", open_any },
		{ "xencall3", grant_call },
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

	if (library != &handle)
		return __real_dlsym(library, name);
	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(all[i].name, name))
			return all[i].function;
	return NULL;
}

void fake_xen_here(void)
{
	fake_xen->there = true;
	fake_xen->free_pages = 1 << 20;
	fake_xen->kexec_base = 0x10000000;
	fake_xen->kexec_bytes = 0x8000000;
	fake_put("/sys/hypervisor/type", "xen\n");
	fake_put("/sys/hypervisor/version/major", "4\n");
	fake_put("/sys/hypervisor/version/minor", "17\n");
	fake_put("/proc/xen/capabilities", "control_d\n");
}

void fake_xen_adopts(void)
{
	fake_xen->keeps = true;
	fake_put("/sys/hypervisor/properties/capabilities", "%sxen-3.0-x86_64 \n",
		 XEN_ADOPTS_PV);
}

/* An ELF with one segment at 1 MiB and an empty multiboot2 header. */
void fake_xen_image(const char *path)
{
	static const uint32_t note[3] = { 4, 20, NT_GNU_BUILD_ID };
	static const uint32_t header[6] = { 0xe85250d6, 0, 24,
					    -(0xe85250d6u + 24), 0, 8 };
	static const Elf32_Ehdr e = {
		.e_ident = { 0x7f, 'E', 'L', 'F', 1, 1, 1 },
		.e_type = ET_EXEC, .e_machine = EM_386, .e_version = 1,
		.e_entry = 0x100010, .e_phoff = sizeof(e), .e_phnum = 1,
		.e_ehsize = sizeof(e), .e_phentsize = sizeof(Elf32_Phdr),
	};
	static const Elf32_Phdr p = {
		.p_type = PT_LOAD, .p_offset = 0x1000, .p_vaddr = 0x100000,
		.p_paddr = 0x100000, .p_filesz = 0x1000, .p_memsz = 0x4000,
	};
	static uint8_t image[0x2000];

	memcpy(image, &e, sizeof(e));
	memcpy(image + sizeof(e), &p, sizeof(p));
	memcpy(image + 0x400, header, sizeof(header));
	memcpy(image + 0x1100, note, sizeof(note));
	memcpy(image + 0x110c, "GNU", 4);
	memset(image + 0x1110, FAKE_XEN_BUILD, 20);
	fake_put_bytes(path, image, sizeof(image));
}

/* A device of the module's is a file with what it would be made of. */
static int make_device(const struct baton_mem_create *c)
{
	const struct baton_mem_extent *e = (void *)(uintptr_t)c->extents;
	char path[160], text[4096] = "";
	uint32_t i;

	snprintf(path, sizeof(path), BATON_MEM_FOLDER "/%.95s", c->name);
	if (fake_has(path)) {
		errno = EEXIST;
		return -1;
	}
	for (i = 0; i < c->count && i < 64; i++)
		sprintf(text + strlen(text), "%llx+%llx\n",
			(unsigned long long)e[i].start,
			(unsigned long long)e[i].bytes);
	fake_put(path, "%s", text);
	return 0;
}

static int remove_device(const struct baton_mem_name *n, bool stays)
{
	char path[160], busy[160];

	snprintf(path, sizeof(path), BATON_MEM_FOLDER "/%.95s", n->name);
	snprintf(busy, sizeof(busy), "/busy/%.95s", n->name);
	errno = fake_has(busy) ? EBUSY : fake_has(path) ? 0 : ENOENT;
	if (errno)
		return -1;
	if (!stays)
		fake_remove(path);
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	void *at;

	(void)fd;
	va_start(list, request);
	at = va_arg(list, void *);
	va_end(list);
	if (request == BATON_MEM_CREATE)
		return make_device(at);
	if (request == BATON_MEM_USED && fake_has("/old-module")) {
		errno = ENOTTY;
		return -1;
	}
	if (request == BATON_MEM_REMOVE || request == BATON_MEM_USED)
		return remove_device(at, request == BATON_MEM_USED);
	fprintf(stderr, "ioctl 0x%lx: not in a test\n", request);
	abort();
}

/* The module's file system alone: its devices are where they are made. */
int __wrap_mount(const char *source, const char *target, const char *type,
		 unsigned long flags, const void *data)
{
	(void)source;
	(void)flags;
	(void)data;
	if (strcmp(type, BATON_MEM_FILES) || strcmp(target, BATON_MEM_FOLDER)) {
		fprintf(stderr, "mount %s on %s: not in a test\n", type,
			target);
		abort();
	}
	errno = !fake_has(BATON_MEM_CONTROL) ? ENODEV
	      : fake_has("/busy/mount") ? EPERM : 0;
	return errno ? -1 : 0;
}

void fake_mem_here(void)
{
	fake_put(BATON_MEM_CONTROL, "%s", "");
}

void fake_libs_begin(void)
{
	fake_xen = mmap(NULL, sizeof(*fake_xen), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fake_xen == MAP_FAILED)
		abort();
}

void fake_libs_end(void)
{
	munmap(fake_xen, sizeof(*fake_xen));
	fake_xen = NULL;
}
