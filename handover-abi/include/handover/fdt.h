/* SPDX-License-Identifier: MIT */
/*
 * fdt.h - the handover blob: node names, property names, `compatible`
 * strings. This is the manual of the tree; the schema baton-handover-v1.yaml
 * beside it says the same to dt-validate.
 *
 * All cells are big-endian u32 as in every device tree; "u64" is two cells,
 * high first; a "range" is u64 base, u64 bytes. #address-cells and
 * #size-cells are 2 wherever an address appears. "Since 2": not in version 1
 * (README section 6, which says what its readers make of it).
 *
 *  / compatible, baton,version, baton,compat, baton,generation, baton,id,
 *  |   baton,parent-id, model
 *  +- memory@BASE      device_type, reg: every RAM range of the firmware map
 *  +- reserved-memory
 *  |  +- region@BASE   compatible, reg (one range), no-map; one node a range,
 *  |                   the first node is the landing place; next-region
 *  +- firmware         compatible, memory-map, acpi-rsdp, acpi-wdat, efi-...,
 *  |                   screen-info, vga-text, tsc-khz, uart-port,
 *  |                   uart-baud
 *  +- stub@BASE        compatible, reg, file, digest-alg, digest
 *  +- lu-stream        compatible, size, data; or, by reference,
 *  +- lu-stream@BASE   compatible, size, reg, digest-alg, digest, file
 *  +- domains
 *  |  +- domain@ID     reg (domid), label (name), uuid, kind, frame-count;
 *  |                   an index for people, the stream decides
 *  +- target           compatible, bootargs
 *  |  +- image@BASE    reg (staged file), file, digest-alg, digest
 *  |  +- module@BASE   the same, and bootargs; for Linux at most one: initrd;
 *  |                   for Xen at least one: dom0's kernel, then its initrd
 *  +- fallback         like target; optional, and with
 *  |  +- tree@BASE     reg, digest-alg, digest, data: the fallback tree
 *  +- policy           on-failure, plug, e820-budget
 *  +- previous         region, generation, id, state, stage, error: optional,
 *  |                   what a door found (generation 0)
 *  +- trust            compatible, manifest, signature: optional, for a stub
 *                      with a key (trust.h)
 *
 * The fallback tree is a tree of its own, so that nothing of a blob that is
 * damaged has to be believed. It is the blob's tree with policy/plug
 * "region-only", the fallback as its target, and no lu-stream, domains and
 * fallback. A tree for a crash kernel of the new instance (baton arm) is the
 * same with
 *
 *  +- failed           region (u64 base), stage, error: what it means that
 *                      this tree's target is started
 *
 * The result tree, left by the stub, is this tree with data-address in place
 * of lu-stream/data (its bytes stay where they are; by reference, nothing
 * changes), and
 *
 *  +- result           compatible, baton,version, baton,compat (of this node,
 *     |                which the stub writes; since 2), stage-tsc, tsc-khz,
 *     |                frames-owned, frames-plugged, frames-unplugged,
 *     |                memory-map, not-plugged, region-used
 *     +- blob@BASE     reg
 *     +- frametable@BASE    reg (the root table), levels, tables, runs
 *     +- domain-table@BASE  reg, count, entry-size
 *     +- log@BASE      reg
 */
#ifndef HANDOVER_FDT_H
#define HANDOVER_FDT_H

/* root */
#define HO_FDT_COMPATIBLE	"baton,handover-v1"
#define HO_FDT_VERSION		"baton,version"		/* u32 HO_ABI_VERSION
							 * of the writer */
#define HO_FDT_COMPAT		"baton,compat"		/* u32 oldest reader:
							 * README section 6 */
#define HO_FDT_GENERATION	"baton,generation"	/* u32, 1 = first */
#define HO_FDT_ID		"baton,id"		/* HO_ID_BYTES */
#define HO_FDT_PARENT_ID	"baton,parent-id"	/* HO_ID_BYTES, zero
							 * for the first */

/* memory@BASE: sorted, separate, page-aligned ranges; at most
 * HO_MEMORY_RANGES_MAX */
#define HO_FDT_MEMORY		"memory"
#define HO_MEMORY_RANGES_MAX	1024

/* reserved-memory/region@BASE: 2 MiB-aligned ranges inside RAM */
#define HO_FDT_RESERVED		"reserved-memory"
#define HO_FDT_REGION		"region"
#define HO_FDT_REGION_COMPAT	"baton,region-v1"
#define HO_REGION_RANGES_MAX	8
#define HO_FDT_NEXT_REGION	"next-region"	/* since 2: range, optional: the
						 * region of the following
						 * update (README rule 17) */

/* firmware */
#define HO_FDT_FIRMWARE		"firmware"
#define HO_FDT_FIRMWARE_COMPAT	"baton,firmware-v1"
#define HO_FDT_MEMORY_MAP	"memory-map"	/* {u32 E820 type, range}[]:
						 * every entry that is not RAM,
						 * sorted; at most
						 * HO_MEMORY_RANGES_MAX (README
						 * rule 20) */
/* RAM for a purpose (CXL, HBM; EFI_MEMORY_SP of UEFI 2.10, section 7.2.3), as
 * Linux's E820_TYPE_SOFT_RESERVED */
#define HO_E820_SOFT_RESERVED	0xefffffff	/* since 2 */
#define HO_FDT_ACPI_RSDP	"acpi-rsdp"	/* u64, optional */
#define HO_FDT_ACPI_WDAT	"acpi-wdat"	/* since 2: bytes, optional: the
						 * whole table. Registers in
						 * RAM are refused */
/* EFI (README rule 16): all since 2, all optional; what is marked * comes with
 * efi-system-table. Addresses are physical. fw-vendor and config-table, both
 * or neither: the firmware is in virtual mode, SetVirtualAddressMap() has been
 * called with the virtual addresses of the map; without them it has not. */
#define HO_FDT_EFI_SYSTEM_TABLE	"efi-system-table"	/* since 2: u64 */
#define HO_FDT_EFI_MEMORY_MAP	"efi-memory-map"	/* since 2: * bytes:
						 * descriptors as the
						 * firmware lays them out,
						 * little-endian; none of
						 * memory that is free */
#define HO_EFI_MAP_BYTES_MAX	32768
#define HO_FDT_EFI_DESC_SIZE	"efi-desc-size"	/* since 2: * u32, a
						 * multiple of 8 */
#define HO_EFI_DESC_BYTES_MIN	40
#define HO_EFI_DESC_BYTES_MAX	256
#define HO_FDT_EFI_DESC_VERSION	"efi-desc-version"	/* since 2: * u32 */
#define HO_FDT_EFI_FW_VENDOR	"efi-fw-vendor"	/* since 2: u64 */
#define HO_FDT_EFI_CONFIG_TABLE	"efi-config-table"	/* since 2: u64 */
#define HO_FDT_EFI_SMBIOS	"efi-smbios"	/* since 2: u64, with
						 * config-table */
#define HO_FDT_EFI_SECURE_BOOT	"efi-secure-boot"	/* since 2: u32:
						 * secure_boot of Linux's
						 * boot_params, 0: not known */
#define HO_EFI_SECURE_BOOT_MAX	3
#define HO_FDT_SCREEN_INFO	"screen-info"	/* since 2: bytes, optional:
						 * Linux's struct screen_info,
						 * when it names a framebuffer
						 * that the firmware set up and
						 * the old instance left so */
#define HO_SCREEN_INFO_BYTES	64
#define HO_FDT_VGA_TEXT		"vga-text"	/* since 2: u32 columns, lines,
						 * height of a character: the
						 * colour text mode that a VGA
						 * still is in; optional, not
						 * with screen-info */
#define HO_FDT_TSC_KHZ		"tsc-khz"	/* u32, 0 or absent: unknown */
#define HO_FDT_UART_PORT	"uart-port"	/* u32 I/O port, absent: none */
#define HO_FDT_UART_BAUD	"uart-baud"	/* u32, 0: leave as set */

/* stub@BASE, target/image@BASE, target/module@BASE */
#define HO_FDT_STUB		"stub"
#define HO_FDT_STUB_COMPAT	"baton,stub-v1"
#define HO_FDT_FILE		"file"		/* path in the old instance */
#define HO_FDT_DIGEST_ALG	"digest-alg"	/* u32 HO_DIGEST_* */
#define HO_FDT_DIGEST		"digest"	/* HO_DIGEST_BYTES */
#define HO_FDT_PLACED		"placed-xxh64"	/* since 2: u64, optional, of
						 * image and module: XXH64 of
						 * the same bytes, not 0
						 * (README rule 33) */

/* lu-stream */
#define HO_FDT_STREAM		"lu-stream"
#define HO_FDT_STREAM_COMPAT	"baton,lu-stream-v1"
#define HO_FDT_SIZE		"size"		/* u64 bytes of the stream */
#define HO_FDT_DATA		"data"		/* the stream itself */
#define HO_FDT_DATA_ADDRESS	"data-address"	/* result only: u64, where the
						 * bytes of `data` are */
/* By reference (README rule 15), since 2, and needs a reader of 2: reg is
 * range[], whole pages in the order of the stream's bytes; digest is over those
 * bytes, file is where the old instance has them. */
#define HO_STREAM_RANGES_MAX	16384	/* since 2 */
#define HO_STREAM_BYTES_MAX	0x1000000000	/* 64 GiB */

/* domains/domain@ID */
#define HO_FDT_DOMAINS		"domains"
#define HO_FDT_DOMAIN		"domain"
#define HO_FDT_LABEL		"label"
#define HO_FDT_UUID		"uuid"		/* HO_ID_BYTES */
#define HO_FDT_KIND		"kind"		/* u32 HO_KIND_* */
#define HO_FDT_FRAME_COUNT	"frame-count"	/* u64 */

/* target, fallback */
#define HO_FDT_TARGET		"target"
#define HO_FDT_FALLBACK		"fallback"
#define HO_FDT_TARGET_LINUX	"baton,target-linux-v1"
#define HO_FDT_TARGET_MB2	"baton,target-multiboot2-v1"
#define HO_FDT_TARGET_XEN	"baton,target-xen-v1"	/* since 2, and needs a
						 * reader of 2: README
						 * 3.4 */
#define HO_FDT_TARGET_KHO	"baton,target-kho-v1"	/* reserved: nobody
						 * reads or writes it */
#define HO_FDT_BOOTARGS		"bootargs"	/* without what the
						 * stub appends */
#define HO_FDT_IMAGE		"image"
#define HO_FDT_MODULE		"module"
#define HO_TARGET_MODULES_MAX	8

/* fallback/tree@BASE */
#define HO_FDT_TREE		"tree"

/* failed */
#define HO_FDT_FAILED		"failed"
#define HO_FDT_FAILED_REGION	"region"	/* u64: where the breadcrumb of
						 * the handover is */
#define HO_FDT_FAILED_STAGE	"stage"		/* u32 enum ho_stage */
#define HO_FDT_FAILED_ERROR	"error"		/* u32 enum ho_error */

/* previous: the breadcrumb of an update of an earlier boot that did not
 * complete, as a door found it where it put the region, before it wrote there
 * (README rule 18) */
#define HO_FDT_PREVIOUS		"previous"	/* since 2 */
#define HO_FDT_PREVIOUS_REGION	"region"	/* since 2: u64, its place */
#define HO_FDT_PREVIOUS_GENERATION "generation"	/* since 2: u32 */
#define HO_FDT_PREVIOUS_ID	"id"		/* since 2: HO_ID_BYTES */
#define HO_FDT_PREVIOUS_STATE	"state"		/* since 2: u32 HO_STATE_* */
#define HO_FDT_PREVIOUS_STAGE	"stage"		/* since 2: u32 enum ho_stage */
#define HO_FDT_PREVIOUS_ERROR	"error"		/* since 2: u32 enum ho_error,
						 * 0: none */

/* trust: what the target, or the fallback in its own tree, is held to by a stub
 * that has a key; one without looks at neither (README rule 32). Both are bytes;
 * grammar and algorithm: trust.h */
#define HO_FDT_TRUST		"trust"		/* since 2 */
#define HO_FDT_TRUST_COMPAT	"baton,trust-v1"	/* since 2 */
#define HO_FDT_MANIFEST		"manifest"	/* since 2: 1 to
						 * HO_MANIFEST_BYTES_MAX */
#define HO_FDT_SIGNATURE	"signature"	/* since 2: as long as the
						 * key's modulus */

/* policy */
#define HO_FDT_POLICY		"policy"
#define HO_FDT_ON_FAILURE	"on-failure"	/* "halt", "reset", or a list:
						 * "fallback", then one of
						 * these ("halt" by default) */
#define HO_FDT_PLUG		"plug"		/* "precise": RAM minus owned
						 * minus region; "region-only":
						 * the region and the first
						 * MiB, whoever owns the rest */
#define HO_FDT_E820_BUDGET	"e820-budget"	/* u32 entries */
#define HO_E820_BUDGET_DEFAULT	500
#define HO_E820_BUDGET_MIN	16
#define HO_E820_BUDGET_MAX	3200	/* the kernel's table: linux.md section 3 */

/* result */
#define HO_FDT_RESULT		"result"
#define HO_FDT_RESULT_COMPAT	"baton,result-v1"
#define HO_FDT_STAGE_TSC	"stage-tsc"	/* u64[8], as the breadcrumb */
#define HO_FDT_FRAMES_OWNED	"frames-owned"	/* u64 */
#define HO_FDT_FRAMES_PLUGGED	"frames-plugged"	/* u64 given as RAM */
#define HO_FDT_FRAMES_UNPLUGGED	"frames-unplugged"	/* u64 free but left
							 * out: the budget */
#define HO_FDT_NOT_PLUGGED	"not-plugged"	/* range[]: the largest free
						 * ranges left out */
#define HO_NOT_PLUGGED_MAX	64
#define HO_FDT_REGION_USED	"region-used"	/* u64 bytes taken by the
						 * stub's allocator */
#define HO_FDT_BLOB		"blob"
#define HO_FDT_FRAMETABLE	"frametable"
#define HO_FDT_LEVELS		"levels"	/* u32 HO_FT_LEVELS */
#define HO_FDT_TABLES		"tables"	/* u32 4 KiB tables taken */
#define HO_FDT_RUNS		"runs"		/* u32 64-byte nodes taken */
#define HO_FDT_DOMAIN_TABLE	"domain-table"
#define HO_FDT_COUNT		"count"		/* u32 */
#define HO_FDT_ENTRY_SIZE	"entry-size"	/* u32 */
#define HO_FDT_LOG		"log"

/*
 * The cold blob (baton pack --cold): what a door starts with when there is no
 * old instance. The door turns it into a blob of generation 0, with an empty
 * stream, and enters the stub with that.
 *
 *  / compatible, baton,version, baton,compat, model, uart-port, uart-baud
 *  +- region           size, base: u64 each, optional. Without size: from
 *  |                   RAM; without base: the highest place below 4 GiB
 *  +- target           as in a blob, but image and module-INDEX have no
 *  |                   reg: their bytes are in data
 *  +- policy           on-failure ("halt", "reset"), e820-budget
 *  +- trust            as in a blob
 */
#define HO_FDT_COLD_COMPAT	"baton,cold-v1"	/* since 2 */
#define HO_FDT_BASE		"base"		/* since 2: u64 */

/* The new instance's command line: baton=0x<region base, hex>, and in a
 * fallback baton.failed=<stage>:<error code>, names of stage.h, decimal. Before
 * them, for every Linux over kept frames (README rule 19), a word of its own. */
#define HO_CMDLINE_OPTION	"baton="
#define HO_CMDLINE_FAILED	"baton.failed="
#define HO_CMDLINE_NO_HOTPLUG	"acpi_no_memhotplug"	/* since 2 */

#endif /* HANDOVER_FDT_H */
