// SPDX-License-Identifier: MIT
/*
 * fdtwrite.c - see fdtwrite.h.
 */
#include "fdtwrite.h"

#include <libfdt.h>

#include "fmt.h"

void fdtwrite_start(struct fdtwrite *w, void *buffer, uint64_t bytes)
{
	w->fdt = buffer;
	w->rc = bytes > INT32_MAX ? -FDT_ERR_NOSPACE
				  : fdt_create(buffer, bytes);
	if (!w->rc)
		w->rc = fdt_finish_reservemap(buffer);
	fdtwrite_begin(w, "");
}

uint32_t fdtwrite_finish(struct fdtwrite *w)
{
	fdtwrite_end(w);
	if (!w->rc)
		w->rc = fdt_finish(w->fdt);
	return w->rc ? 0 : fdt_totalsize(w->fdt);
}

void fdtwrite_begin(struct fdtwrite *w, const char *name)
{
	if (!w->rc)
		w->rc = fdt_begin_node(w->fdt, name);
}

void fdtwrite_begin_at(struct fdtwrite *w, const char *name,
		       uint64_t address, uint64_t bytes)
{
	fdt64_t reg[2] = { cpu_to_fdt64(address), cpu_to_fdt64(bytes) };
	char node[64];

	fmt_print(node, sizeof(node), "%s@%llx", name,
		  (unsigned long long)address);
	fdtwrite_begin(w, node);
	if (bytes)
		fdtwrite_bytes(w, "reg", reg, sizeof(reg));
}

void fdtwrite_end(struct fdtwrite *w)
{
	if (!w->rc)
		w->rc = fdt_end_node(w->fdt);
}

void fdtwrite_bytes(struct fdtwrite *w, const char *name, const void *bytes,
		    uint32_t length)
{
	if (!w->rc)
		w->rc = fdt_property(w->fdt, name, bytes, length);
}

void *fdtwrite_room(struct fdtwrite *w, const char *name, uint32_t length)
{
	void *at = NULL;

	if (!w->rc)
		w->rc = fdt_property_placeholder(w->fdt, name, length, &at);
	return w->rc ? NULL : at;
}

void fdtwrite_u32(struct fdtwrite *w, const char *name, uint32_t v)
{
	fdt32_t cell = cpu_to_fdt32(v);

	fdtwrite_bytes(w, name, &cell, sizeof(cell));
}

void fdtwrite_u64(struct fdtwrite *w, const char *name, uint64_t v)
{
	fdt64_t cells = cpu_to_fdt64(v);

	fdtwrite_bytes(w, name, &cells, sizeof(cells));
}

void fdtwrite_flag(struct fdtwrite *w, const char *name)
{
	fdtwrite_bytes(w, name, NULL, 0);
}
