// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * baton_mem.c - kernel module: guests' memory that a handover kept, as files.
 *
 * A guest's frames lie scattered over reserved ranges of the memory map; QEMU
 * wants one mapping. Each device joins a list of extents, multiples of 2 MiB.
 * They get struct pages and a place in the direct map (memremap_pages, as
 * device dax does) and 2 MiB mappings: get_user_pages, O_DIRECT and vhost
 * work, KVM maps them by 2 MiB. Smaller extents cannot have that, and KVM
 * needs it: its clock pages are written through the direct map.
 * Never touches the memory itself. Who may: root, and whom root gives the
 * device to.
 */
#include <linux/cdev.h>
#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/memremap.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pfn_t.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "baton_mem.h"

#define DEVICES_MAX	4096

struct mem_extent {
	u64 start, bytes;
	u64 offset;			/* in the file */
	bool claimed;			/* in the resource tree */
};

struct mem_device {
	struct list_head list;
	struct device dev;
	struct cdev cdev;
	char name[BATON_MEM_NAME_BYTES];
	u64 bytes;
	u32 count;
	u32 open;			/* files, and through them mappings */
	struct dev_pagemap *pagemap;
	struct mem_extent *extents;
};

static LIST_HEAD(devices);
static DEFINE_MUTEX(devices_lock);
static DEFINE_IDA(minors);
static dev_t first_dev;
static struct class mem_class = { .name = "baton" };

/* The extent that holds a byte of the file. */
static struct mem_extent *extent_at(struct mem_device *d, u64 offset)
{
	u32 low = 0, high = d->count;

	if (offset >= d->bytes)
		return NULL;
	while (high - low > 1) {
		u32 middle = (low + high) / 2;

		if (d->extents[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return &d->extents[low];
}

static vm_fault_t mem_fault(struct vm_fault *vmf)
{
	struct mem_device *d = vmf->vma->vm_file->private_data;
	u64 offset = (u64)vmf->pgoff << PAGE_SHIFT;
	struct mem_extent *e = extent_at(d, offset);
	u64 at;

	if (!e)
		return VM_FAULT_SIGBUS;
	at = e->start + (offset - e->offset);
	return vmf_insert_mixed(vmf->vma, vmf->address,
				phys_to_pfn_t(at, PFN_DEV | PFN_MAP));
}

static vm_fault_t fault_2m(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mem_device *d = vma->vm_file->private_data;
	unsigned long address = vmf->address & PMD_MASK;
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	struct mem_extent *e;

	if (address < vma->vm_start || address + PMD_SIZE > vma->vm_end)
		return VM_FAULT_FALLBACK;
	offset += address - vma->vm_start;
	if (!IS_ALIGNED(offset, PMD_SIZE))
		return VM_FAULT_FALLBACK;
	e = extent_at(d, offset);
	if (!e)
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn_pmd(vmf, phys_to_pfn_t(e->start + (offset -
				  e->offset), PFN_DEV | PFN_MAP),
				  vmf->flags & FAULT_FLAG_WRITE);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
static vm_fault_t mem_huge_fault(struct vm_fault *vmf, unsigned int order)
{
	return order == PMD_SHIFT - PAGE_SHIFT ? fault_2m(vmf)
					       : VM_FAULT_FALLBACK;
}
#else
static vm_fault_t mem_huge_fault(struct vm_fault *vmf,
				 enum page_entry_size size)
{
	return size == PE_SIZE_PMD ? fault_2m(vmf) : VM_FAULT_FALLBACK;
}
#endif

static int mem_may_split(struct vm_area_struct *vma, unsigned long address)
{
	return IS_ALIGNED(address, PMD_SIZE) ? 0 : -EINVAL;
}

static const struct vm_operations_struct mem_vm_ops = {
	.fault = mem_fault,
	.huge_fault = mem_huge_fault,
	.may_split = mem_may_split,
};

static int mem_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct mem_device *d = file->private_data;
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 bytes = vma->vm_end - vma->vm_start;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (offset > d->bytes || bytes > d->bytes - offset)
		return -ENXIO;
	vma->vm_ops = &mem_vm_ops;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_HUGEPAGE);
#else
	vma->vm_flags |= VM_HUGEPAGE;
#endif
	return 0;
}

static int mem_open(struct inode *inode, struct file *file)
{
	struct mem_device *d = container_of(inode->i_cdev, struct mem_device,
					    cdev);

	mutex_lock(&devices_lock);
	if (list_empty(&d->list)) {
		mutex_unlock(&devices_lock);
		return -ENXIO;
	}
	d->open++;
	mutex_unlock(&devices_lock);
	file->private_data = d;
	/* the kernel asks huge_fault of files that are DAX alone */
	file->f_mapping->host->i_flags |= S_DAX;
	return 0;
}

static int mem_release(struct inode *inode, struct file *file)
{
	struct mem_device *d = file->private_data;

	mutex_lock(&devices_lock);
	d->open--;
	mutex_unlock(&devices_lock);
	return 0;
}

static loff_t mem_llseek(struct file *file, loff_t offset, int whence)
{
	struct mem_device *d = file->private_data;

	return fixed_size_llseek(file, offset, whence, d->bytes);
}

static const struct file_operations mem_fops = {
	.owner = THIS_MODULE,
	.open = mem_open,
	.release = mem_release,
	.llseek = mem_llseek,
	.mmap = mem_mmap,
	.get_unmapped_area = thp_get_unmapped_area,
};

/* The firmware's "reserved", all of it, and nothing else. */
static int covered(struct resource *r, void *context)
{
	u64 *bytes = context;

	*bytes += resource_size(r);
	return 0;
}

static bool is_reserved(u64 start, u64 bytes)
{
	u64 found = 0;

	if (region_intersects(start, bytes, IORESOURCE_MEM,
			      IORES_DESC_RESERVED) != REGION_INTERSECTS)
		return false;
	walk_iomem_res_desc(IORES_DESC_RESERVED, IORESOURCE_MEM, start,
			    start + bytes - 1, &found, covered);
	return found == bytes;
}

static int claim(struct mem_device *d)
{
	u32 i;

	for (i = 0; i < d->count; i++) {
		struct mem_extent *e = &d->extents[i];

		if (!is_reserved(e->start, e->bytes))
			return -EPERM;
		if (!request_mem_region(e->start, e->bytes, d->name))
			return -EBUSY;
		e->claimed = true;
	}
	return 0;
}

static int map_pages(struct mem_device *d)
{
	struct dev_pagemap *p;
	void *map;
	u32 i;

	p = kvzalloc(struct_size(p, ranges, d->count), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->type = MEMORY_DEVICE_GENERIC;
	p->nr_range = d->count;
	for (i = 0; i < d->count; i++)
		p->ranges[i] = (struct range){
			.start = d->extents[i].start,
			.end = d->extents[i].start + d->extents[i].bytes - 1,
		};
	map = memremap_pages(p, NUMA_NO_NODE);
	if (IS_ERR(map)) {
		kvfree(p);
		return PTR_ERR(map);
	}
	d->pagemap = p;
	return 0;
}

static void let_go(struct mem_device *d)
{
	u32 i;

	if (d->pagemap) {
		memunmap_pages(d->pagemap);
		kvfree(d->pagemap);
		d->pagemap = NULL;
	}
	for (i = 0; d->extents && i < d->count; i++) {
		struct mem_extent *e = &d->extents[i];

		if (e->claimed)
			release_mem_region(e->start, e->bytes);
		e->claimed = false;
	}
}

static void mem_free(struct device *dev)
{
	struct mem_device *d = container_of(dev, struct mem_device, dev);

	let_go(d);
	ida_free(&minors, MINOR(dev->devt) - MINOR(first_dev));
	kvfree(d->extents);
	kfree(d);
}

static bool name_ok(const char *name)
{
	size_t i, length = strnlen(name, BATON_MEM_NAME_BYTES);

	if (!length || length == BATON_MEM_NAME_BYTES || name[0] == '.')
		return false;
	for (i = 0; i < length; i++)
		if (!isalnum(name[i]) && !strchr("-_.", name[i]))
			return false;
	return true;
}

static int read_extents(struct mem_device *d,
			const struct baton_mem_create *c)
{
	const struct baton_mem_extent __user *from =
		u64_to_user_ptr(c->extents);
	u32 i;

	d->count = c->count;
	d->extents = kvcalloc(c->count, sizeof(*d->extents), GFP_KERNEL);
	if (!d->extents)
		return -ENOMEM;
	for (i = 0; i < d->count; i++) {
		struct baton_mem_extent e;

		if (copy_from_user(&e, &from[i], sizeof(e)))
			return -EFAULT;
		if (!e.bytes || !IS_ALIGNED(e.start | e.bytes, PMD_SIZE) ||
		    e.start >> MAX_PHYSMEM_BITS ||
		    e.bytes >> MAX_PHYSMEM_BITS)
			return -EINVAL;
		d->extents[i] = (struct mem_extent){
			.start = e.start, .bytes = e.bytes,
			.offset = d->bytes,
		};
		d->bytes += e.bytes;
	}
	return 0;
}

static struct mem_device *find(const char *name)
{
	struct mem_device *d;

	list_for_each_entry(d, &devices, list)
		if (!strcmp(d->name, name))
			return d;
	return NULL;
}

static bool is_same(const struct mem_device *a, const struct mem_device *b)
{
	u32 i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (a->extents[i].start != b->extents[i].start ||
		    a->extents[i].bytes != b->extents[i].bytes)
			return false;
	return true;
}

static int add(struct mem_device *d)
{
	int rc = claim(d);

	if (!rc)
		rc = map_pages(d);
	if (rc)
		return rc;
	cdev_init(&d->cdev, &mem_fops);
	d->cdev.owner = THIS_MODULE;
	list_add(&d->list, &devices);
	rc = cdev_device_add(&d->cdev, &d->dev);
	if (rc)
		list_del_init(&d->list);
	return rc;
}

static struct mem_device *new_device(const char *name)
{
	struct mem_device *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int minor;

	if (!d)
		return NULL;
	minor = ida_alloc_max(&minors, DEVICES_MAX - 1, GFP_KERNEL);
	if (minor < 0) {
		kfree(d);
		return NULL;
	}
	INIT_LIST_HEAD(&d->list);
	strscpy(d->name, name, sizeof(d->name));
	device_initialize(&d->dev);
	d->dev.class = &mem_class;
	d->dev.release = mem_free;
	d->dev.devt = MKDEV(MAJOR(first_dev), MINOR(first_dev) + minor);
	return d;
}

static int create(const struct baton_mem_create *c)
{
	struct mem_device *d, *old;
	int rc;

	if (!name_ok(c->name) || !c->count || c->reserved ||
	    c->count > BATON_MEM_EXTENTS_MAX)
		return -EINVAL;
	d = new_device(c->name);
	if (!d)
		return -ENOMEM;
	rc = dev_set_name(&d->dev, "baton!%s", c->name);
	if (!rc)
		rc = read_extents(d, c);
	mutex_lock(&devices_lock);
	old = find(c->name);
	if (!rc && old) {
		rc = is_same(old, d) ? 0 : -EEXIST;
		put_device(&d->dev);
	} else if (rc || (rc = add(d))) {
		put_device(&d->dev);
	}
	mutex_unlock(&devices_lock);
	return rc;
}

/* Does anything but the device itself hold a page? (Pinned pages outlive
 * mappings.) */
static bool pages_used(const struct mem_device *d)
{
	u64 pfn, end;
	u32 i;

	for (i = 0; d->pagemap && i < d->count; i++) {
		pfn = PHYS_PFN(d->extents[i].start);
		end = pfn + PHYS_PFN(d->extents[i].bytes);
		for (; pfn < end; pfn++)
			if (page_ref_count(pfn_to_page(pfn)) > 1)
				return true;
	}
	return false;
}

static void drop(struct mem_device *d)
{
	list_del_init(&d->list);
	cdev_device_del(&d->cdev, &d->dev);
	put_device(&d->dev);
}

static int remove(const char *name)
{
	struct mem_device *d;
	int rc = -ENOENT;

	mutex_lock(&devices_lock);
	d = find(name);
	if (d)
		rc = d->open || pages_used(d) ? -EBUSY : 0;
	if (!rc)
		drop(d);
	mutex_unlock(&devices_lock);
	return rc;
}

static long control_ioctl(struct file *file, unsigned int command,
			  unsigned long argument)
{
	void __user *user = (void __user *)argument;
	struct baton_mem_create c;
	struct baton_mem_name n;

	if (!capable(CAP_SYS_ADMIN) || !capable(CAP_SYS_RAWIO))
		return -EACCES;
	switch (command) {
	case BATON_MEM_CREATE:
		if (copy_from_user(&c, user, sizeof(c)))
			return -EFAULT;
		return create(&c);
	case BATON_MEM_REMOVE:
		if (copy_from_user(&n, user, sizeof(n)))
			return -EFAULT;
		n.name[sizeof(n.name) - 1] = '\0';
		return remove(n.name);
	}
	return -ENOTTY;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = control_ioctl,
};

static struct miscdevice control = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "baton-mem",
	.mode = 0600,
	.fops = &control_fops,
};

static int __init baton_mem_init(void)
{
	int rc = alloc_chrdev_region(&first_dev, 0, DEVICES_MAX, "baton");

	if (rc)
		return rc;
	rc = class_register(&mem_class);
	if (rc)
		goto out_region;
	rc = misc_register(&control);
	if (!rc)
		return 0;
	class_unregister(&mem_class);
out_region:
	unregister_chrdev_region(first_dev, DEVICES_MAX);
	return rc;
}

/* Open devices hold the module, so none is in use here. */
static void __exit baton_mem_exit(void)
{
	struct mem_device *d, *next;

	misc_deregister(&control);
	list_for_each_entry_safe(d, next, &devices, list)
		drop(d);
	class_unregister(&mem_class);
	unregister_chrdev_region(first_dev, DEVICES_MAX);
	ida_destroy(&minors);
}

module_init(baton_mem_init);
module_exit(baton_mem_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Guests' memory that a Baton handover kept, as files");
MODULE_VERSION("0.3.0");
