// SPDX-License-Identifier: MIT
/*
 * blob_target.c - staged files and targets of the blob.
 */
#include "blob_target.h"

#include <libfdt.h>

#include "digest.h"

int blob_read_digest(const struct fdt_reader *r, int node,
		     struct blob_image *image)
{
	int rc = fdtread_u32(r, node, HO_FDT_DIGEST_ALG, &image->digest_alg);

	if (!rc)
		rc = fdtread_bytes(r, node, HO_FDT_DIGEST, image->digest,
				   HO_DIGEST_BYTES);
	if (!rc && image->digest_alg > HO_DIGEST_MAX)
		rc = fdtread_error(r, HO_EVALUE, node, HO_FDT_DIGEST_ALG);
	if (!rc && !digest_field_is_sane(image->digest_alg, image->digest))
		rc = fdtread_error(r, HO_ERESERVED, node, HO_FDT_DIGEST);
	return rc;
}

int blob_check_image(const struct blob_image *image, const void *bytes,
		     bool by_digest)
{
	uint64_t length = range_bytes(image->place);

	if (image->placed && digest_xxh64(bytes, length) != image->placed)
		return -HO_EDIGEST;
	if (image->placed && !by_digest)
		return 0;
	return digest_check(image->digest_alg, image->digest, bytes, length);
}

int blob_read_words(const struct fdt_reader *r, int node,
		    struct blob_image *image)
{
	int rc = fdtread_string(r, node, HO_FDT_FILE, &image->file);
	uint32_t bytes;

	image->bootargs = "";
	if (!rc && fdtread_find(r, node, HO_FDT_BOOTARGS, &bytes))
		rc = fdtread_string(r, node, HO_FDT_BOOTARGS,
				    &image->bootargs);
	return rc;
}

/* Where it lies and its digest. */
static int read_piece(const struct fdt_reader *r, int node,
		      struct blob_image *image)
{
	int rc = fdtread_range(r, node, "reg", &image->place);

	image->file = image->bootargs = "";
	if (!rc)
		rc = blob_read_digest(r, node, image);
	if (!rc && range_bytes(image->place) == 0)
		rc = fdtread_error(r, HO_EVALUE, node, "reg");
	return rc;
}

int blob_read_image(const struct fdt_reader *r, int node,
		    struct blob_image *image)
{
	int rc = read_piece(r, node, image);

	return rc ? rc : blob_read_words(r, node, image);
}

/* An image or a module: what the stub looks at is beside its digest. */
static int read_staged(const struct fdt_reader *r, int node,
		       struct blob_image *image)
{
	uint32_t bytes;
	int rc = blob_read_image(r, node, image);

	if (rc || !fdtread_find(r, node, HO_FDT_PLACED, &bytes))
		return rc;
	rc = fdtread_u64(r, node, HO_FDT_PLACED, &image->placed);
	if (!rc && !image->placed)
		rc = fdtread_error(r, HO_EVALUE, node, HO_FDT_PLACED);
	return rc;
}

static int read_modules(const struct fdt_reader *r, int parent,
			struct blob_target *target)
{
	uint32_t max = target->kind == TARGET_LINUX ? 1
						    : HO_TARGET_MODULES_MAX;
	int node, rc;

	fdt_for_each_subnode(node, r->fdt, parent) {
		if (!fdtread_is_called(r, node, HO_FDT_MODULE))
			continue;
		if (target->module_count == max)
			return fdtread_error(r, HO_EVALUE, node, NULL);
		rc = fdtread_one(r, parent, node);
		if (!rc)
			rc = read_staged(r, node,
				&target->modules[target->module_count++]);
		if (rc)
			return rc;
	}
	return 0;
}

int blob_read_target_kind(const struct fdt_reader *r, int node,
			  struct blob_target *target)
{
	if (fdtread_is(r, node, HO_FDT_TARGET_LINUX))
		target->kind = TARGET_LINUX;
	else if (fdtread_is(r, node, HO_FDT_TARGET_MB2))
		target->kind = TARGET_MULTIBOOT2;
	else if (fdtread_is(r, node, HO_FDT_TARGET_XEN))
		target->kind = TARGET_XEN;
	else
		return fdtread_error(r, HO_ETARGET, node, "compatible");
	return fdtread_string(r, node, HO_FDT_BOOTARGS, &target->bootargs);
}

int blob_read_target(const struct fdt_reader *r, int node,
		     struct blob_target *target)
{
	int rc = blob_read_target_kind(r, node, target), image;

	if (rc)
		return rc;
	image = fdtread_node(r, node, HO_FDT_IMAGE);
	if (image < 0)
		return image;
	rc = read_staged(r, image, &target->image);
	return rc ? rc : read_modules(r, node, target);
}

int blob_read_fallback(const struct fdt_reader *r, int node,
		       struct blob *blob)
{
	int rc = blob_read_target(r, node, &blob->fallback), tree;
	uint32_t bytes;

	if (rc)
		return rc;
	tree = fdtread_node(r, node, HO_FDT_TREE);
	if (tree < 0)
		return tree;
	rc = read_piece(r, tree, &blob->fallback_tree);
	if (rc)
		return rc;
	blob->fallback_data = fdtread_find(r, tree, HO_FDT_DATA, &bytes);
	if (!blob->fallback_data ||
	    bytes != range_bytes(blob->fallback_tree.place))
		return fdtread_error(r, HO_EPROP, tree, HO_FDT_DATA);
	return 0;
}

/* A property of so many bytes. */
static int read_sized(const struct fdt_reader *r, int node, const char *name,
		      uint32_t least, uint32_t most, const uint8_t **out,
		      uint32_t *bytes)
{
	*out = fdtread_find(r, node, name, bytes);
	if (!*out)
		return fdtread_error(r, HO_EPROP, node, name);
	return *bytes >= least && *bytes <= most
	     ? 0 : fdtread_error(r, HO_EVALUE, node, name);
}

int blob_read_trust(const struct fdt_reader *r, struct blob_trust *out)
{
	int node = fdtread_optional_node(r, 0, HO_FDT_TRUST), rc;

	if (node < 0)
		return node == -FDTREAD_NONE ? 0 : node;
	if (!fdtread_is(r, node, HO_FDT_TRUST_COMPAT))
		return fdtread_error(r, HO_EBLOBCOMPAT, node, "compatible");
	rc = read_sized(r, node, HO_FDT_MANIFEST, 1, HO_MANIFEST_BYTES_MAX,
			&out->manifest, &out->manifest_bytes);
	return rc ? rc : read_sized(r, node, HO_FDT_SIGNATURE,
				    HO_TRUST_MODULUS_MIN, HO_TRUST_MODULUS_MAX,
				    &out->signature, &out->signature_bytes);
}
