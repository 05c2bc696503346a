// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * control.c - kernel module: guests' memory that a handover kept, as files.
 *
 * A guest's frames lie scattered over reserved ranges of the memory map; QEMU
 * wants one mapping. Each device joins a list of extents, multiples of 2 MiB.
 * They get struct pages and a place in the direct map (memremap_pages, as
 * device dax does) and 2 MiB mappings: get_user_pages, O_DIRECT and vhost
 * work, KVM maps them by 2 MiB. Smaller extents cannot have that, and KVM
 * needs it: its clock pages are written through the direct map.
 * Never touches the memory itself. Who may: root, and whom root gives the
 * device to. Where they are seen: files.c.
 */
#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "memory.h"

static LIST_HEAD(devices);
static DEFINE_MUTEX(devices_lock);

int mem_device_open(struct mem_device *d)
{
	int rc = 0;

	mutex_lock(&devices_lock);
	if (list_empty(&d->list))
		rc = -ENXIO;
	else
		d->open++;
	mutex_unlock(&devices_lock);
	return rc;
}

void mem_device_close(struct mem_device *d)
{
	mutex_lock(&devices_lock);
	d->open--;
	mutex_unlock(&devices_lock);
}

struct mem_device *mem_device_get(struct mem_device *d)
{
	kref_get(&d->references);
	return d;
}

static void mem_free(struct kref *k)
{
	struct mem_device *d = container_of(k, struct mem_device, references);

	memory_let_go(d);
	kvfree(d->extents);
	kfree(d);
}

void mem_device_put(struct mem_device *d)
{
	kref_put(&d->references, mem_free);
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
	int rc = memory_claim(d);

	if (!rc)
		rc = memory_map_pages(d);
	if (!rc)
		rc = files_add(d);
	if (!rc)
		list_add(&d->list, &devices);
	return rc;
}

static struct mem_device *new_device(const char *name)
{
	struct mem_device *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return NULL;
	INIT_LIST_HEAD(&d->list);
	kref_init(&d->references);
	strscpy(d->name, name, sizeof(d->name));
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
	rc = read_extents(d, c);
	mutex_lock(&devices_lock);
	old = find(c->name);
	if (!rc && old) {
		rc = is_same(old, d) ? 0 : -EEXIST;
		mem_device_put(d);
	} else if (rc || (rc = add(d))) {
		mem_device_put(d);
	}
	mutex_unlock(&devices_lock);
	return rc;
}

/* Its memory is let go at once; an O_PATH descriptor may have the rest. */
static void drop(struct mem_device *d)
{
	list_del_init(&d->list);
	files_remove(d);
	memory_let_go(d);
	mem_device_put(d);
}

/* Nobody has it: it goes, or with `stays` that is all. */
static int remove(const char *name, bool stays)
{
	struct mem_device *d;
	int rc = -ENOENT;

	mutex_lock(&devices_lock);
	d = find(name);
	if (d)
		rc = d->open || memory_used(d) ? -EBUSY : 0;
	if (!rc && !stays)
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
	case BATON_MEM_USED:
		if (copy_from_user(&n, user, sizeof(n)))
			return -EFAULT;
		n.name[sizeof(n.name) - 1] = '\0';
		return remove(n.name, command == BATON_MEM_USED);
	}
	return -ENOTTY;
}

/*
 * The window, at the offset that is the physical address. Reserved memory holds no
 * kernel's data or code, and it cannot be written through here: so lockdown's
 * integrity, for which /dev/mem is closed, stays.
 */
static int control_mmap(struct file *file, struct vm_area_struct *vma)
{
	u64 start = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 bytes = vma->vm_end - vma->vm_start;

	if (!capable(CAP_SYS_ADMIN) || !capable(CAP_SYS_RAWIO))
		return -EACCES;
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	if (vma->vm_pgoff >> (MAX_PHYSMEM_BITS - PAGE_SHIFT) ||
	    bytes >> MAX_PHYSMEM_BITS || !memory_is_reserved(start, bytes))
		return -EPERM;
	mem_flags_clear(vma, VM_MAYWRITE | VM_MAYEXEC);
	return remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff, bytes,
			       vma->vm_page_prot);
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = control_ioctl,
	.mmap = control_mmap,
};

static struct miscdevice control = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "baton-mem",
	.mode = 0600,
	.fops = &control_fops,
};

/* An image of a hibernation has no reserved memory: guests there would be lost. */
static int before_sleep(struct notifier_block *block, unsigned long event,
			void *data)
{
	bool refused;

	if (event != PM_HIBERNATION_PREPARE)
		return NOTIFY_DONE;
	mutex_lock(&devices_lock);
	refused = !list_empty(&devices);
	mutex_unlock(&devices_lock);
	if (!refused)
		return NOTIFY_DONE;
	pr_err("baton_mem: no hibernation: it would lose the guests in /dev/baton\n");
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block sleep_notifier = {
	.notifier_call = before_sleep,
};

static int __init baton_mem_init(void)
{
	int rc = files_register();

	if (rc)
		return rc;
	rc = register_pm_notifier(&sleep_notifier);
	if (!rc)
		rc = misc_register(&control);
	if (!rc)
		return 0;
	unregister_pm_notifier(&sleep_notifier);
	files_unregister();
	return rc;
}

/* Entries, and a mount, hold the module: there is no device here. */
static void __exit baton_mem_exit(void)
{
	misc_deregister(&control);
	unregister_pm_notifier(&sleep_notifier);
	files_unregister();
}

module_init(baton_mem_init);
module_exit(baton_mem_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("Guests' memory that a Baton handover kept, as files");
MODULE_VERSION(BATON_VERSION);
