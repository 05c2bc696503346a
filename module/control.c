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
 * device to.
 */
#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "memory.h"

#define DEVICES_MAX	4096

static LIST_HEAD(devices);
static DEFINE_MUTEX(devices_lock);
static DEFINE_IDA(minors);
static dev_t first_dev;
static struct class mem_class = { .name = "baton" };

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

static void mem_free(struct device *dev)
{
	struct mem_device *d = container_of(dev, struct mem_device, dev);

	memory_let_go(d);
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
	int rc = memory_claim(d);

	if (!rc)
		rc = memory_map_pages(d);
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

static void drop(struct mem_device *d)
{
	list_del_init(&d->list);
	cdev_device_del(&d->cdev, &d->dev);
	put_device(&d->dev);
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
MODULE_VERSION(BATON_VERSION);
