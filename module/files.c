// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * files.c - the devices as entries of a file system of their own, "baton", for
 * /dev/baton. A mount is there also in the private /dev that libvirt makes for a
 * guest. An entry is a character device without a number: the device cgroup does
 * not ask about it, and it is no file of DAX, so its pages can be pinned for long.
 * Who may open one is its mode. Nothing can be made, renamed or removed in here.
 */
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/namei.h>

#include "compat.h"
#include "memory.h"

static struct vfsmount *pinned;
static int pin_count;

static int file_open(struct inode *inode, struct file *file)
{
	struct mem_device *d = inode->i_private;

	file->private_data = d;
	return mem_device_open(d);
}

static int file_release(struct inode *inode, struct file *file)
{
	mem_device_close(file->private_data);
	return 0;
}

static loff_t file_llseek(struct file *file, loff_t offset, int whence)
{
	struct mem_device *d = file->private_data;

	return fixed_size_llseek(file, offset, whence, d->bytes);
}

static const struct file_operations file_fops = {
	.owner = THIS_MODULE,
	.open = file_open,
	.release = file_release,
	.llseek = file_llseek,
	.mmap = mem_mmap,
	.get_unmapped_area = thp_get_unmapped_area,
};

/* Nobody asks for one that is gone again. (The kernel's own function of this has
 * had more than one name.) */
static int drop(struct inode *inode)
{
	return 1;
}

/* An O_PATH descriptor may have it for longer than the device is listed. */
static void evict(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (inode->i_private)
		mem_device_put(inode->i_private);
}

static const struct super_operations super_ops = {
	.statfs = simple_statfs,
	.drop_inode = drop,
	.evict_inode = evict,
};

static int fill(struct super_block *sb, struct fs_context *fc)
{
	static const struct tree_descr none[] = { { "" } };
	int rc = simple_fill_super(sb, BATON_MEM_MAGIC, none);

	sb->s_op = &super_ops;
	return rc;
}

static int get_tree(struct fs_context *fc)
{
	return get_tree_single(fc, fill);
}

static const struct fs_context_operations context_ops = {
	.get_tree = get_tree,
};

static int init_context(struct fs_context *fc)
{
	fc->ops = &context_ops;
	return 0;
}

/* Each entry holds the mount by files_add(): none is left when it ends. */
static struct file_system_type files = {
	.owner = THIS_MODULE,
	.name = BATON_MEM_FILES,
	.init_fs_context = init_context,
	.kill_sb = kill_anon_super,
};
MODULE_ALIAS_FS(BATON_MEM_FILES);

static struct inode *new_file(struct super_block *sb, struct mem_device *d)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode->i_mode = S_IFCHR | 0600;
	inode->i_fop = &file_fops;
	inode->i_size = d->bytes;
	/* the kernel asks huge_fault of files that are DAX alone */
	inode->i_flags |= S_DAX;
	inode->i_private = mem_device_get(d);
	mem_set_times(inode);
	return inode;
}

int files_add(struct mem_device *d)
{
	struct dentry *root, *entry;
	struct inode *inode;
	int rc = simple_pin_fs(&files, &pinned, &pin_count);

	if (rc)
		return rc;
	root = pinned->mnt_root;
	inode_lock(d_inode(root));
	entry = d_alloc_name(root, d->name);
	inode = entry ? new_file(root->d_sb, d) : NULL;
	if (inode)
		d_add(entry, inode);
	inode_unlock(d_inode(root));
	if (inode) {
		d->entry = entry;	/* its reference is ours */
		return 0;
	}
	dput(entry);
	simple_release_fs(&pinned, &pin_count);
	return -ENOMEM;
}

void files_remove(struct mem_device *d)
{
	struct inode *root = d_inode(pinned->mnt_root);

	inode_lock(root);
	d_drop(d->entry);
	clear_nlink(d_inode(d->entry));
	inode_unlock(root);
	dput(d->entry);
	d->entry = NULL;
	simple_release_fs(&pinned, &pin_count);
}

int files_register(void)
{
	return register_filesystem(&files);
}

void files_unregister(void)
{
	unregister_filesystem(&files);
}
