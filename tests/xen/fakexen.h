/* SPDX-License-Identifier: MIT */
/*
 * fakexen.h - as much of a Xen as its own files in xen/ use, by Xen's names: frames of a
 * machine of 1 GiB, a memory map, domains. Every header that it includes is
 * this one (tests/build.mk).
 */
#ifndef TESTS_XEN_FAKEXEN_H
#define TESTS_XEN_FAKEXEN_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_FRAMES	(1ul << 18)

#define XEN_SUBVERSION	17
#define CONFIG_HYPFS
#define __init
#define __initdata
#define __read_mostly
#define cf_check
#define XENLOG_ERR
#define XENLOG_INFO

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1ul << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define PFN_DOWN(x)	((unsigned long)(x) >> PAGE_SHIFT)
#define pfn_to_paddr(p)	((uint64_t)(p) << PAGE_SHIFT)
#define MB(x)		((uint64_t)(x) << 20)
#define GB(x)		((uint64_t)(x) << 30)
#define ROUNDUP(x, a)	(((x) + (a) - 1) & ~((uint64_t)(a) - 1))
#define IS_ALIGNED(x, a) (!((x) & ((a) - 1)))
#define min(a, b)	((a) < (b) ? (a) : (b))
#define min_t(t, a, b)	((t)(a) < (t)(b) ? (t)(a) : (t)(b))
#define max_t(t, a, b)	((t)(a) > (t)(b) ? (t)(a) : (t)(b))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define DIRECTMAP_VIRT_START	0xffff830000000000ul
#define HYPERVISOR_VIRT_END	0xffff880000000000ul
#define PAGE_HYPERVISOR		1
#define PAGE_HYPERVISOR_RO	2

typedef uint64_t paddr_t;
typedef uint8_t xen_domain_handle_t[16];
typedef struct { unsigned long m; } mfn_t;
#define _mfn(x)		((mfn_t){ x })
#define mfn_x(x)	((x).m)
#define INVALID_MFN	_mfn(~0ul)

static inline bool mfn_eq(mfn_t a, mfn_t b)
{
	return a.m == b.m;
}

static inline mfn_t mfn_add(mfn_t a, unsigned long n)
{
	return _mfn(a.m + n);
}

/* Frames */
struct page_info {
	unsigned long count_info;
	struct {
		struct { unsigned long type_info; } inuse;
	} u;
	struct domain *owner;
};
#define PGC_allocated		(1ul << 63)
#define PGT_writable_page	(1ul << 61)
#define PGT_validated		(1ul << 60)
#define INVALID_M2P_ENTRY	(~0ul)

extern struct page_info fake_pages[FAKE_FRAMES];
extern unsigned long max_page, total_pages;
extern unsigned int paddr_bits;
#define mfn_to_page(m)	(&fake_pages[mfn_x(m)])
#define page_to_mfn(p)	_mfn((unsigned long)((p) - fake_pages))
#define mfn_valid(m)	(mfn_x(m) < max_page)
#define page_get_owner(p) ((p)->owner)
#define page_set_owner(p, d) ((void)((p)->owner = (d)))
extern unsigned long fake_m2p[FAKE_FRAMES];
#define set_gpfn_from_mfn(m, g) ((void)(fake_m2p[m] = (g)))
#define get_gpfn_from_mfn(m) (fake_m2p[m])
typedef struct { unsigned long g; } gfn_t;
#define _gfn(x)		((gfn_t){ x })
#define pfn_to_pdx(x)	(x)
#define pdx_to_pfn(x)	(x)
#define cmpxchg(p, a, b) __sync_val_compare_and_swap(p, a, b)
#define smp_wmb()	__sync_synchronize()

/* Mappings are counted in frames */
void set_pdx_range(unsigned long start, unsigned long end);
int map_pages_to_xen(unsigned long va, mfn_t mfn, unsigned long count,
		     unsigned int flags);
int destroy_xen_mappings(unsigned long start, unsigned long end);
void *mfn_to_virt(unsigned long mfn);
void *maddr_to_virt(uint64_t pa);
typedef struct { uint32_t mod_start, mod_end; } module_t;
void *bootstrap_map(const module_t *mod);
void init_domheap_pages(paddr_t start, paddr_t end);
void free_domheap_pages(struct page_info *pg, unsigned int order);

#define E820_RAM	1
#define E820_RESERVED	2
struct e820entry {
	uint64_t addr, size;
	uint32_t type;
};
struct e820map {
	unsigned int nr_map;
	struct e820entry map[16];
};
extern struct e820map e820;

/* Domains */
struct domain {
	uint16_t domain_id;
	bool creation_finished, hvm, hardware;
	xen_domain_handle_t handle;
	struct kept *kept;
	unsigned long pages;
};
extern struct domain *dom_io;
#define is_hardware_domain(d) ((d)->hardware)
#define is_hvm_domain(d) ((d)->hvm)
struct domain *domain_create(uint16_t id, const void *config, unsigned int f);
/* A translated domain's physmap: only the M2P of it is there */
int guest_physmap_add_page(struct domain *d, gfn_t gfn, mfn_t mfn,
			   unsigned int order);
int assign_pages(struct page_info *pg, unsigned int count, struct domain *d,
		 unsigned int memflags);
/* Those that are there, for rcu_lock_domain_by_id() */
extern struct domain *fake_domains[4];
typedef uint16_t domid_t;
struct domain *rcu_lock_domain_by_id(domid_t id);
static inline void rcu_unlock_domain(struct domain *d)
{
	(void)d;
}

/* Livepatches: what is called before one is applied, and after it was reverted */
typedef struct payload livepatch_payload_t;
#define LIVEPATCH_PREAPPLY_HOOK(f) \
	int (*const fake_livepatch_##f)(livepatch_payload_t *) = f
#define LIVEPATCH_POSTREVERT_HOOK(f) \
	void (*const fake_livepatch_##f)(livepatch_payload_t *) = f
extern int (*const fake_livepatch_prepare)(livepatch_payload_t *p);
extern void (*const fake_livepatch_finish)(livepatch_payload_t *p);
#define LIVEPATCH_PAYLOAD_VERSION 2
struct livepatch_func {
	const char *name;
	void *new_addr;
	uint32_t new_size, old_size;
	uint8_t version;
};
#define __section(s)

/* CPUs: a function runs on each of them, one after the other */
typedef struct { int counter; } atomic_t;
#define atomic_read(a)	((a)->counter)
#define atomic_inc_return(a) (++(a)->counter)
void on_each_cpu(void (*f)(void *), void *info, int wait);
unsigned int num_online_cpus(void);
static inline void process_pending_softirqs(void)
{
}
/* Does something wait for this CPU? */
bool hypercall_preempt_check(void);

/* Time: a tick for each look at it */
typedef int64_t s_time_t;
extern unsigned long cpu_khz;
uint64_t rdtsc(void);
#define NOW()		((s_time_t)(rdtsc() * 1000))

/* Library */
typedef bool spinlock_t;
#define DEFINE_SPINLOCK(l) spinlock_t l
void spin_lock(spinlock_t *l);
void spin_unlock(spinlock_t *l);
#define xzalloc_array(t, n) ((t *)calloc(n, sizeof(t)))
#define vzalloc(n)	calloc(1, n)
#define vfree(p)	free(p)
#define xfree(p)	free(p)
#define ERR_PTR(e)	((void *)(intptr_t)(e))
#define PTR_ERR(p)	((long)(intptr_t)(p))
#define IS_ERR(p)	((uintptr_t)(p) > ~4095ul)
void sort(void *base, size_t count, size_t bytes,
	  int (*compare)(const void *, const void *),
	  void (*swap)(void *, void *, size_t));
int printk(const char *format, ...);
#define panic(...)	(printk(__VA_ARGS__), abort())
/* The variable behind a word of the command line, for the test to set */
#define integer_param(name, var) uint64_t *const fake_param_##var = &var
extern uint64_t *const fake_param_opt_baton;
/* A word that dom0 may write while Xen runs, /params/NAME of hypfs; without the
 * file system */
struct param_hypfs {
	const char *content;
};
#define custom_runtime_set_var(par, var) ((void)((par)->content = (var)))
#define custom_runtime_only_param(name, var, init) \
	int (*const fake_write_##var)(const char *) = var; \
	void (*const fake_init_##var)(struct param_hypfs *) = init
extern int (*const fake_write_baton_release)(const char *);
extern void (*const fake_init_baton_release)(struct param_hypfs *);

#endif /* TESTS_XEN_FAKEXEN_H */
