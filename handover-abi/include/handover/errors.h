/* SPDX-License-Identifier: MIT */
/*
 * errors.h - every way to be refused: one list for the loader, the core, the
 * stub, the breadcrumb, the tests and docs/errors.md.
 *
 * X(code, NAME, class, exit, text, remedy)
 *   code    the number in the breadcrumb; never reused (README rule 5).
 *           The constant is HO_ENAME;
 *           functions return 0 or -HO_ENAME
 *   class   B  carried by a blob: `baton check` and the stub both refuse it,
 *              with this same code
 *           L  met by the loader alone, S by the stub alone
 *   exit    exit status of the `baton` command, HO_EXIT_*
 *   text    what is wrong; the place is added where the error is recorded
 *   remedy  what to do about it
 */
#ifndef HANDOVER_ERRORS_H
#define HANDOVER_ERRORS_H

#define HO_EXIT_OK		0
#define HO_EXIT_FAILURE		1	/* a system call or an internal error */
#define HO_EXIT_USAGE		2
#define HO_EXIT_PERMISSION	3
#define HO_EXIT_REGION		4
#define HO_EXIT_TARGET		5
#define HO_EXIT_DOMAIN		6	/* processes, frames, ownership */
#define HO_EXIT_BLOB		7	/* malformed blob or stream */
#define HO_EXIT_LIMIT		8	/* no room, too many */
#define HO_EXIT_STATE		9	/* nothing loaded, no handover here */
#define HO_EXIT_BUSY		10	/* another command is at work */
#define HO_EXIT_REFUSED		11	/* precheck: an update would be refused */
#define HO_EXIT_CALLED_OFF	12	/* upgrade failed with its guests paused, before
					 * the jump: they run on */
#define HO_EXIT_AFTER		13	/* status --check: the last update failed after
					 * the jump */

#define HO_ERROR_LIST(X) \
	X(1, INTERNAL, L, HO_EXIT_FAILURE, \
	  "internal error", \
	  "report it with the command line and the blob") \
	X(2, USAGE, L, HO_EXIT_USAGE, \
	  "wrong call", \
	  "see baton COMMAND --help, with the command's name") \
	X(3, IO, L, HO_EXIT_FAILURE, \
	  "system call failed", \
	  "see the reason given; nothing was changed") \
	X(4, NOMEM, L, HO_EXIT_LIMIT, \
	  "out of memory", \
	  "free memory on this host and try again") \
	X(5, FILE, L, HO_EXIT_FAILURE, \
	  "file cannot be read or written", \
	  "check the path, its permissions, and the room there") \
	X(10, PERM, L, HO_EXIT_PERMISSION, \
	  "not permitted: this needs root (CAP_SYS_BOOT, CAP_SYS_ADMIN)", \
	  "run it as root") \
	X(11, LOCKDOWN, L, HO_EXIT_PERMISSION, \
	  "kernel is locked down, and does not trust the door: it is not signed, or its key is not enrolled", \
	  "baton sign it, then enrol the certificate: mokutil --import CERT.der, and reboot (docs/secureboot.md)") \
	X(12, KEXECOFF, L, HO_EXIT_PERMISSION, \
	  "kexec is switched off (sysctl kernel.kexec_load_disabled=1)", \
	  "it stays off until the next boot; do not set that sysctl") \
	X(13, NOTLOADED, L, HO_EXIT_STATE, \
	  "nothing is loaded by baton", \
	  "run baton load BLOB first") \
	X(14, BREADCRUMB, L, HO_EXIT_STATE, \
	  "no valid breadcrumb: this instance was not started by a handover", \
	  "baton upgrade is what makes one; after it, look for baton= on /proc/cmdline") \
	X(15, NODOMAIN, L, HO_EXIT_DOMAIN, \
	  "no such domain", \
	  "baton status lists the domains that are kept") \
	X(16, OWNER, L, HO_EXIT_PERMISSION, \
	  "another user than root could have written the file", \
	  "pack it again as root; chown root and chmod go-w what you trust") \
	X(17, STREAMFILE, L, HO_EXIT_FAILURE, \
	  "a stream this long must be a file in memory, and this one is not", \
	  "put it on a tmpfs (/run, /dev/shm), or raise --inline-max") \
	X(18, STREAMPIECES, L, HO_EXIT_LIMIT, \
	  "stream lies in too many pieces of memory", \
	  "put it on a tmpfs mounted with huge=always") \
	X(20, NOREGION, B, HO_EXIT_REGION, \
	  "no reserved region", \
	  "boot with crashkernel=SIZE, without a place, or by the door (baton install); or give --region BASE+SIZE") \
	X(21, REGIONSMALL, B, HO_EXIT_REGION, \
	  "reserved region is too small", \
	  "reserve a larger one (crashkernel=SIZE, or baton install --region SIZE)") \
	X(22, REGIONALIGN, B, HO_EXIT_REGION, \
	  "reserved region is not aligned to 2 MiB", \
	  "choose base and size as multiples of 2 MiB") \
	X(23, REGIONRAM, B, HO_EXIT_REGION, \
	  "reserved region is not RAM of the firmware map", \
	  "choose a range inside one RAM range, above 1 MiB") \
	X(24, REGIONRANGES, B, HO_EXIT_REGION, \
	  "ranges of the region overlap or are too many", \
	  "give at most 8 separate ranges") \
	X(25, STAGING, B, HO_EXIT_REGION, \
	  "staged image outside the region or overlapping another", \
	  "pack the blob again for this region") \
	X(30, NOTBZIMAGE, B, HO_EXIT_TARGET, \
	  "target is not a Linux bzImage", \
	  "give the kernel as installed in /boot (vmlinuz)") \
	X(31, BZOLD, B, HO_EXIT_TARGET, \
	  "bzImage without a relocatable 64-bit entry (boot protocol 2.12), or none for five levels", \
	  "use an x86-64 kernel with CONFIG_RELOCATABLE") \
	X(32, INITRD, L, HO_EXIT_TARGET, \
	  "initrd missing or unreadable", \
	  "check --initrd or --fallback-initrd; give none for a kernel without initrd") \
	X(33, NOTMB2, B, HO_EXIT_TARGET, \
	  "target is not a multiboot2 ELF", \
	  "give an ELF with a multiboot2 header and a 32-bit entry") \
	X(34, CMDLINE, B, HO_EXIT_TARGET, \
	  "command line of the target: too long, or it hides words", \
	  "shorten --cmdline or --fallback-cmdline; neither -- nor an odd quotation mark") \
	X(35, DIGEST, B, HO_EXIT_BLOB, \
	  "digest does not match", \
	  "the bytes changed after they were packed: pack again") \
	X(36, TARGET, B, HO_EXIT_TARGET, \
	  "unknown kind of target", \
	  "use --target linux, multiboot2 or xen") \
	X(37, NOROOM, B, HO_EXIT_LIMIT, \
	  "no free range large enough to start the target in", \
	  "the target needs one contiguous free range below its limit") \
	X(38, TOOMANYRANGES, B, HO_EXIT_LIMIT, \
	  "memory map does not fit the target's number of ranges", \
	  "raise --e820-budget, or keep fewer separate ranges") \
	X(39, STUB, L, HO_EXIT_TARGET, \
	  "not a stub image this loader can start", \
	  "use the stub.bin that came with this baton") \
	X(40, FALLBACK, L, HO_EXIT_TARGET, \
	  "fallback tree and the blob disagree", \
	  "pack the blob again") \
	X(41, UNPACK, L, HO_EXIT_TARGET, \
	  "kernel cannot be unpacked beforehand", \
	  "start it as it is: without --unpack, or baton unpack") \
	X(50, PROCESS, L, HO_EXIT_DOMAIN, \
	  "process is gone", \
	  "its frames are free already: collect again") \
	X(51, NOTPRESENT, L, HO_EXIT_DOMAIN, \
	  "page is not present in memory", \
	  "lock the memory (mlock) and touch it before collecting") \
	X(52, MIGRATED, L, HO_EXIT_DOMAIN, \
	  "page moved to another frame", \
	  "collect again; pin it (hugetlb) if it happens often") \
	X(53, NOMAP, L, HO_EXIT_DOMAIN, \
	  "range is not mapped by the process", \
	  "see /proc/PID/maps") \
	X(60, INREGION, B, HO_EXIT_DOMAIN, \
	  "domain frame inside the reserved region", \
	  "the region must never hold domain pages: reserve it at boot") \
	X(61, DOUBLE, B, HO_EXIT_DOMAIN, \
	  "frame has two owners", \
	  "two domains share memory: collect it once") \
	X(62, NOTRAM, B, HO_EXIT_DOMAIN, \
	  "frame outside RAM", \
	  "the blob is not of this machine, or the memory is a device's") \
	X(63, LOWMEM, B, HO_EXIT_DOMAIN, \
	  "frame below 1 MiB", \
	  "every boot writes the first MiB: move the page") \
	X(64, FRAMEHIGH, B, HO_EXIT_DOMAIN, \
	  "frame beyond the physical address width", \
	  "the blob is damaged or not of this machine") \
	X(65, FRAMETYPE, B, HO_EXIT_BLOB, \
	  "frame type unknown", \
	  "a newer writer wrote the stream, or it is damaged: collect again") \
	X(66, FULL, B, HO_EXIT_REGION, \
	  "region exhausted while building the frametable", \
	  "reserve a larger region: baton check says how much") \
	X(67, PTOWNER, S, HO_EXIT_DOMAIN, \
	  "page table entry points to a frame of another owner", \
	  "the guest's page tables are not what its hypervisor checked") \
	X(68, PTLEVEL, S, HO_EXIT_DOMAIN, \
	  "page table entry points to a frame of the wrong type", \
	  "the guest's page tables are not what its hypervisor checked") \
	X(69, PTFLAGS, S, HO_EXIT_DOMAIN, \
	  "superpage, reserved bit or writable table in a page table entry", \
	  "the guest's page tables are not what its hypervisor checked") \
	X(70, BLOBTRUNC, B, HO_EXIT_BLOB, \
	  "blob is truncated", \
	  "pack it again; check for a full disk") \
	X(71, BLOBMAGIC, B, HO_EXIT_BLOB, \
	  "not a device-tree blob", \
	  "give the file that baton pack wrote") \
	X(72, BLOBVERSION, B, HO_EXIT_BLOB, \
	  "needs a newer reader", \
	  "use the writer's baton and stub.bin") \
	X(73, BLOBCOMPAT, B, HO_EXIT_BLOB, \
	  "wrong compatible string", \
	  "give the file that baton pack wrote") \
	X(74, BLOBTREE, B, HO_EXIT_BLOB, \
	  "device tree is damaged", \
	  "pack it again") \
	X(75, NODE, B, HO_EXIT_BLOB, \
	  "node missing", \
	  "pack it again; see handover-abi/README.md") \
	X(76, PROP, B, HO_EXIT_BLOB, \
	  "property missing or of the wrong size", \
	  "pack it again; see handover-abi/README.md") \
	X(77, VALUE, B, HO_EXIT_BLOB, \
	  "property has a value that is not allowed", \
	  "pack it again; see handover-abi/README.md") \
	X(78, MEMORY, B, HO_EXIT_BLOB, \
	  "memory ranges empty, unaligned, overlapping or too many", \
	  "pack it again; if the firmware's own map is so, update the firmware") \
	X(80, STREAMMAGIC, B, HO_EXIT_BLOB, \
	  "not an LU stream", \
	  "give the file that baton collect wrote") \
	X(81, STREAMVERSION, B, HO_EXIT_BLOB, \
	  "LU stream of another version", \
	  "use the baton of the writer's version") \
	X(82, STREAMTRUNC, B, HO_EXIT_BLOB, \
	  "LU stream is truncated", \
	  "collect again; check for a full disk") \
	X(83, RECTYPE, B, HO_EXIT_BLOB, \
	  "unknown mandatory record", \
	  "use the writer's baton and stub.bin") \
	X(84, RECLEN, B, HO_EXIT_BLOB, \
	  "record of a wrong length", \
	  "the stream is damaged: collect again") \
	X(85, RECORDER, B, HO_EXIT_BLOB, \
	  "record out of order", \
	  "the stream is damaged: collect again") \
	X(86, DOMID, B, HO_EXIT_BLOB, \
	  "domid not declared or out of range", \
	  "the stream is damaged: collect again") \
	X(87, DOMDUP, B, HO_EXIT_BLOB, \
	  "domain declared twice", \
	  "give each domain a domid and name of its own") \
	X(88, TOTALS, B, HO_EXIT_BLOB, \
	  "totals disagree with the records", \
	  "the stream is damaged: collect again") \
	X(89, RESERVED, B, HO_EXIT_BLOB, \
	  "reserved field is not zero", \
	  "a newer writer wrote it, or it is damaged") \
	X(90, DOMAIN, B, HO_EXIT_BLOB, \
	  "domain's kind or name is not allowed", \
	  "the stream is damaged: collect again") \
	X(91, TRAILING, B, HO_EXIT_BLOB, \
	  "bytes after the END record", \
	  "the stream is damaged: collect again") \
	X(100, ENTRY, S, HO_EXIT_FAILURE, \
	  "entry block is damaged", \
	  "load again with baton load") \
	X(101, TRAP, S, HO_EXIT_FAILURE, \
	  "CPU fault in the stub", \
	  "report it with the console output") \
	X(102, PAGETABLE, S, HO_EXIT_FAILURE, \
	  "out of page-table pages in the stub", \
	  "use a region of fewer or better aligned ranges") \
	X(103, DIED, S, HO_EXIT_FAILURE, \
	  "the new instance panicked", \
	  "save the guests (baton salvage) or update again from here") \
	X(104, DEADLINE, S, HO_EXIT_FAILURE, \
	  "a stage of the stub did not end in time", \
	  "report it with the console output") \
	X(105, CPUS, S, HO_EXIT_FAILURE, \
	  "the new instance panicked, and other CPUs still run its code", \
	  "save the guests (baton salvage), then switch the host off and on") \
	X(106, DOOR, S, HO_EXIT_FAILURE, \
	  "no blob of a first boot at this door", \
	  "give the file of baton pack --cold as initrd or module; a handover comes by baton exec") \
	X(119, GUESTPROG, L, HO_EXIT_DOMAIN, \
	  "program that QEMU was started from is gone", \
	  "install it at that path again, this version or a newer one") \
	X(120, QMP, L, HO_EXIT_DOMAIN, \
	  "QEMU's monitor does not answer", \
	  "give the path of a QMP socket that nobody else is connected to") \
	X(121, GUESTRAM, L, HO_EXIT_DOMAIN, \
	  "guest's RAM is private to its QEMU", \
	  "start it with memory-backend-memfd or -file, share=on, for all RAM") \
	X(122, GUESTDEV, L, HO_EXIT_DOMAIN, \
	  "guest has a device that cannot be carried over", \
	  "unplug it, or shut the guest down before the update") \
	X(123, GUESTBUSY, L, HO_EXIT_DOMAIN, \
	  "guest is migrating, or in a state that cannot be saved", \
	  "wait until it is running or paused, and try again") \
	X(124, GUESTSAVE, L, HO_EXIT_DOMAIN, \
	  "guest's device state was not saved", \
	  "see QEMU's message; the guest runs on") \
	X(125, GUESTARGS, L, HO_EXIT_DOMAIN, \
	  "QEMU's command line cannot be used a second time", \
	  "use paths and interface names, not inherited descriptors") \
	X(126, GUESTMEM, L, HO_EXIT_DOMAIN, \
	  "kept memory cannot become a device", \
	  "install baton-mem for this kernel (DKMS), modprobe baton_mem") \
	X(127, ADOPT, L, HO_EXIT_DOMAIN, \
	  "QEMU did not take the guest over", \
	  "memory and state are kept: see its log, run baton adopt again") \
	X(128, GUESTCONF, L, HO_EXIT_DOMAIN, \
	  "kept domain has no usable configuration of a QEMU guest", \
	  "save its memory with baton salvage") \
	X(129, GUESTPAGES, L, HO_EXIT_DOMAIN, \
	  "guest's RAM is not in 2 MiB pages", \
	  "start it on hugetlbfs or with memory-backend-memfd,hugetlb=on; libvirt: <hugepages/> in <memoryBacking>, or baton convert") \
	X(130, GUESTLEFT, L, HO_EXIT_DOMAIN, \
	  "guest that runs on kept memory is not part of this update", \
	  "add --qemu and --name for it, or shut it down") \
	X(131, GUESTPROC, L, HO_EXIT_DOMAIN, \
	  "QEMU's process could not be started again as it is", \
	  "run it as one user and one group") \
	X(132, GUESTQEMU, L, HO_EXIT_DOMAIN, \
	  "QEMU here is older than the one that the guest ran in", \
	  "install that version or a newer one, run baton adopt again") \
	X(133, KEEPER, L, HO_EXIT_DOMAIN, \
	  "process that holds a domain's memory ends when the host goes down", \
	  "jump without --shutdown; QEMU guests have a keeper that stays") \
	X(134, SHUTDOWN, L, HO_EXIT_STATE, \
	  "host cannot shut down before the jump", \
	  "end its services and unmount its file systems, then baton exec") \
	X(135, GUESTMEMFD, L, HO_EXIT_DOMAIN, \
	  "this QEMU copies RAM that has no file when it saves a guest", \
	  "use memory-backend-file, share=on, in a hugetlbfs (/dev/hugepages); libvirt: no <source type='memfd'/> in <memoryBacking>") \
	X(136, GUESTROOM, L, HO_EXIT_DOMAIN, \
	  "no memory for the pages that a guest has never touched", \
	  "free some: for huge pages raise vm.nr_hugepages") \
	X(137, GUESTDIFF, L, HO_EXIT_DOMAIN, \
	  "guest is not what its QEMU's command line says", \
	  "undo it by the monitor, or start the guest with that on its command line") \
	X(138, GUESTONCE, L, HO_EXIT_DOMAIN, \
	  "QEMU has an option that means something else at a second start", \
	  "commit what the guest wrote to temporary disks, then start it without the option") \
	X(139, GUESTCAP, L, HO_EXIT_DOMAIN, \
	  "QEMU has a migration setting that would spoil the saved guest", \
	  "put it back by the monitor: migrate-set-capabilities, -parameters") \
	X(140, XENLIB, L, HO_EXIT_TARGET, \
	  "Xen's libraries of the running hypervisor are missing", \
	  "install the libxenmisc package of the version that xl info shows") \
	X(141, XENVERSION, L, HO_EXIT_TARGET, \
	  "Xen's tools and the running hypervisor are of different versions", \
	  "boot the hypervisor of the installed tools, or install its tools") \
	X(142, XENEFI, L, HO_EXIT_TARGET, \
	  "this Xen was started by EFI", \
	  "start it through the door: baton install --default, and reboot") \
	X(143, XENHEAP, L, HO_EXIT_LIMIT, \
	  "Xen has too little free memory to hold the image until the jump", \
	  "free some: xl mem-set 0, or a smaller initrd") \
	X(144, XENARM, L, HO_EXIT_TARGET, \
	  "a panic of Xen or of its dom0 cannot lead to a fallback yet", \
	  "use it from a Linux that runs without Xen") \
	X(145, XENPROCESS, L, HO_EXIT_DOMAIN, \
	  "a process of a dom0 cannot be collected", \
	  "its frame numbers are not the machine's; give --xen for guests") \
	X(146, XENDOMAIN, L, HO_EXIT_DOMAIN, \
	  "Xen domain cannot be handed over", \
	  "shut it down, or migrate it away, before the update") \
	X(147, XENSAVE, L, HO_EXIT_DOMAIN, \
	  "guest did not suspend", \
	  "see what xl says; the guest's kernel must take part in a suspend") \
	X(148, XENSTREAM, L, HO_EXIT_DOMAIN, \
	  "stream of a saved Xen domain is not understood", \
	  "it must be of a guest of 64 bits, written by xl save of 4.17 or later") \
	X(149, XENP2M, L, HO_EXIT_DOMAIN, \
	  "frames of a Xen domain are not certain", \
	  "its p2m and its hypervisor disagree: try again, then report it") \
	X(150, XENBALLOON, L, HO_EXIT_DOMAIN, \
	  "frames of a Xen domain do not add up", \
	  "it is ballooning: wait, or xl mem-set it to what it has; then try again") \
	X(151, XENROOM, L, HO_EXIT_LIMIT, \
	  "too little free memory to restore the guest in", \
	  "free some: xl mem-set 0; its kept frames return with the next update") \
	X(152, XENRESTORE, L, HO_EXIT_DOMAIN, \
	  "guest could not be restored; its frames are still kept", \
	  "see what xl says, then baton restore again") \
	X(153, XENRAN, L, HO_EXIT_DOMAIN, \
	  "guest has run since it was collected", \
	  "collect again; release what is kept of a guest that was restored") \
	X(154, STAGED, L, HO_EXIT_STATE, \
	  "kernel and initrd that were put in place may have been written over", \
	  "another image for a panic was loaded meanwhile (kdump?): upgrade again") \
	X(155, TARGETMODULE, L, HO_EXIT_TARGET, \
	  "target's kernel has no baton_mem, without which this guest would stay kept there", \
	  "install the headers of that kernel, then dkms autoinstall -k RELEASE; or take another kernel") \
	X(160, COLDROOM, S, HO_EXIT_REGION, \
	  "no free RAM for a region of this size, or at this place", \
	  "give baton pack --cold another --region, or none") \
	X(161, COLDSMALL, S, HO_EXIT_REGION, \
	  "region is too small for the target's files", \
	  "give baton pack --cold a larger --region") \
	X(162, AFTERJUMP, L, HO_EXIT_AFTER, \
	  "the last update failed after the jump", \
	  "baton status says what is safe, and what to do now") \
	X(166, EFI, B, HO_EXIT_BLOB, \
	  "EFI's memory map is damaged, or names memory that may be a guest's", \
	  "pack it again on the host that it is for") \
	X(167, XENACPI, B, HO_EXIT_TARGET, \
	  "Xen would not find the ACPI tables of this host", \
	  "it looks for them below 1 MiB alone: take a Linux target, or boot Xen from the firmware") \
	X(168, DOORTARGET, B, HO_EXIT_TARGET, \
	  "target is Baton's own door, which starts a first boot", \
	  "give the kernel that the door starts (/boot/vmlinuz-...), not the door") \
	X(171, GRUB, L, HO_EXIT_FAILURE, \
	  "GRUB's configuration could not be made", \
	  "see what grub-mkconfig says; the old configuration is as it was") \
	X(172, NOGRUB, L, HO_EXIT_STATE, \
	  "no GRUB configuration can be made here", \
	  "install grub2-common and run update-grub, or give --no-update-grub") \
	X(173, GRUBOWN, L, HO_EXIT_STATE, \
	  "GRUB's configuration was not made by grub-mkconfig", \
	  "give --no-update-grub, and write the entry as docs/firstboot.md has it") \
	X(174, INSTALLING, L, HO_EXIT_STATE, \
	  "another baton install or uninstall runs", \
	  "wait until it has ended") \
	X(175, SECUREBOOT, L, HO_EXIT_PERMISSION, \
	  "Secure Boot is on: GRUB refuses the door, which is not signed", \
	  "turn it off in the firmware, or leave out --default; docs/uefi.md") \
	X(176, LOST, L, HO_EXIT_STATE, \
	  "the last update did not complete, and firmware started this host", \
	  "its guests are gone: start them again; the next update ends this") \
	X(177, STALE, L, HO_EXIT_STATE, \
	  "breadcrumb of an earlier boot, in this instance's own memory", \
	  "take baton= off the kernel's command line: only the stub adds it") \
	X(178, NEXTREGION, B, HO_EXIT_REGION, \
	  "region of the next update is not one that this one keeps free", \
	  "give whole 2 MiB of RAM above 1 MiB, 4 MiB at least") \
	X(179, NEXTROOM, L, HO_EXIT_REGION, \
	  "no free memory for the region of the next update", \
	  "ask for less, or give BASE+SIZE where no domain has its memory") \
	X(190, LOCKED, L, HO_EXIT_BUSY, \
	  "another baton command is at work on this host", \
	  "wait until it has ended, then try again") \
	X(191, LOADED, L, HO_EXIT_STATE, \
	  "an update is loaded already, and its guests wait for it", \
	  "baton exec goes through with it, baton unload forgets it") \
	X(192, SLOT, L, HO_EXIT_STATE, \
	  "the kernel holds an image that baton did not load", \
	  "unload it (kexec -u, kexec -p -u, kdump-config unload); --replace takes its place") \
	X(193, CARRIED, L, HO_EXIT_DOMAIN, \
	  "kept guest went on, or was released, since this update was packed", \
	  "baton unload, then collect and pack again") \
	X(194, NOKEXEC, L, HO_EXIT_PERMISSION, \
	  "this kernel has no kexec_load", \
	  "boot a kernel with CONFIG_KEXEC, as Debian's are") \
	X(195, KEXECLIMIT, L, HO_EXIT_PERMISSION, \
	  "the kernel's limit of kexec loads is used up", \
	  "it cannot be raised before the next boot; do not set kernel.kexec_load_limit_*") \
	X(200, UNDONE, L, HO_EXIT_STATE, \
	  "an earlier command was not through, or its guests still wait", \
	  "baton status says what there is; baton unload lets all of them run on") \
	X(201, LEDGER, L, HO_EXIT_STATE, \
	  "the record of what is going on cannot be read", \
	  "baton unload undoes what is loaded, and begins a new record") \
	X(202, WAITING, L, HO_EXIT_DOMAIN, \
	  "guest was collected already, and waits for its update", \
	  "load what was collected; or baton unload lets it run on") \
	X(203, NOFILES, L, HO_EXIT_LIMIT, \
	  "too few open files are allowed for so many guests", \
	  "raise the limit (ulimit -n, fs.nr_open)") \
	X(204, STUCK, L, HO_EXIT_DOMAIN, \
	  "guest does not run on", \
	  "find out why it hangs, then baton unload again") \
	X(205, NOTARMED, L, HO_EXIT_STATE, \
	  "baton arm has not armed this boot", \
	  "baton arm, with the options that you want") \
	X(206, ENDED, L, HO_EXIT_DOMAIN, \
	  "guest's process has ended: only its update can bring it back", \
	  "baton exec goes through with it; baton unload --give-up loses this guest") \
	X(210, REHEARSE, L, HO_EXIT_DOMAIN, \
	  "new host's QEMU does not start with this guest's command line", \
	  "--new-qemu names its program; --rehearse none goes without, at your own risk") \
	X(211, REHEARSEDIFF, L, HO_EXIT_DOMAIN, \
	  "guest would have another part in the new host", \
	  "undo the change of the running guest, or shut it down and start it as it is to be") \
	X(212, REHEARSESTATE, L, HO_EXIT_DOMAIN, \
	  "new host's QEMU does not take this guest's device state", \
	  "--new-qemu names the program; --rehearse start goes without, at your own risk") \
	X(213, LIBVIRTSESSION, L, HO_EXIT_DOMAIN, \
	  "guest of libvirt that its system daemon does not have (a session daemon's)", \
	  "shut it down, or --leave it: only domains of qemu:///system are taken") \
	X(220, ADDSRAM, L, HO_EXIT_TARGET, \
	  "kernel's command line makes RAM of what its memory map says is none", \
	  "leave out memmap=exactmap, SIZE@BASE and SIZE%BASE...+1: kept memory would be written over") \
	X(221, DRIVERRAM, L, HO_EXIT_DOMAIN, \
	  "guest's memory is in RAM that a driver has added, and takes back at its next start", \
	  "bind the guest to the nodes of the firmware's RAM (numactl --membind), or move it away") \
	X(222, SALVAGEROOM, L, HO_EXIT_LIMIT, \
	  "file system is in RAM, and the copy is larger than what is available of it", \
	  "write it to a disk, or through a pipe to another host (-o -)") \
	X(223, CRASHIMAGE, L, HO_EXIT_TARGET, \
	  "crash image cannot start the update on this host", \
	  "boot with crashkernel=SIZE and with CPU 0, or leave out --crash-image") \
	X(224, QUIESCE, L, HO_EXIT_TARGET, \
	  "device may write to memory after the jump, and does not stop", \
	  "unbind its driver, or unplug it; where --crash-image was asked for, leave that out") \
	X(225, CRASHSMALL, L, HO_EXIT_LIMIT, \
	  "crash range does not hold the crash image beside what it becomes", \
	  "a larger crashkernel=: twice kernel, initrd and blob, and 8 MiB") \
	X(227, REFUSED, L, HO_EXIT_REFUSED, \
	  "an update would be refused now, before a guest is paused", \
	  "baton precheck has named each reason, with its remedy") \
	X(233, XENTAKEN, L, HO_EXIT_DOMAIN, \
	  "kept frames of a guest are a domain's already", \
	  "xl list shows it; one that has not run gives them back when destroyed; of one that has, baton release") \
	X(234, XENGRANTS, L, HO_EXIT_DOMAIN, \
	  "Xen does not tell which frames an HVM or PVH guest has", \
	  "it must have memory of its own alone, and free entries in its grant table: shut it down, or migrate it away") \
	X(235, MEMENCRYPT, L, HO_EXIT_TARGET, \
	  "kernel encrypts its memory (AMD SME), and the stub would read what is encrypted", \
	  "boot without mem_encrypt=on; what the firmware encrypts by itself (TSME) is fine") \
	X(240, LIBVIRT, L, HO_EXIT_DOMAIN, \
	  "libvirt does not do what an update needs", \
	  "see its words: libvirt 8.2 or later, its system daemon, and virsh are needed") \
	X(241, LIBVIRTDOMAIN, L, HO_EXIT_DOMAIN, \
	  "no running domain of libvirt is called so", \
	  "give a name or UUID that virsh -c qemu:///system list has") \
	X(242, LIBVIRTSETUP, L, HO_EXIT_DOMAIN, \
	  "Baton's part of libvirt is not installed", \
	  "make install; its lines for AppArmor are in docs/libvirt.md") \
	X(243, LIBVIRTRAM, L, HO_EXIT_DOMAIN, \
	  "domain's RAM is private to its QEMU", \
	  "virsh edit: <memoryBacking><hugepages/><access mode='shared'/></memoryBacking>, then start it anew") \
	X(244, CONVERT, L, HO_EXIT_DOMAIN, \
	  "domain was not given other memory, and goes on as it was", \
	  "see libvirt's words, and try again") \
	X(245, CONVERTROOM, L, HO_EXIT_LIMIT, \
	  "no room to give a domain other memory", \
	  "as many huge pages have to be free (vm.nr_hugepages), and as much of that file system") \
	X(246, CONVERTWAITS, L, HO_EXIT_DOMAIN, \
	  "libvirt has saved the domain, and does not start it again", \
	  "remove the cause; virsh start lets it go on, with all of its memory") \
	X(250, BLOBDUP, B, HO_EXIT_BLOB, \
	  "two nodes or two properties of one name, where there is one", \
	  "pack again: who reads the other of the two has another blob") \
	X(263, GUESTSOCKET, L, HO_EXIT_DOMAIN, \
	  "QEMU names no QMP socket on its command line", \
	  "start it with -qmp unix:PATH,server=on,wait=off; --leave NAME lets it end with the host") \
	X(264, NOTERMINAL, L, HO_EXIT_USAGE, \
	  "the command asks before it begins, and there is no terminal", \
	  "look at baton precheck, then give --yes; or name guests and kernel") \
	X(265, DECLINED, L, HO_EXIT_FAILURE, \
	  "the answer was not yes", \
	  "nothing has changed; run it again, or give --yes") \
	X(266, PLAN, L, HO_EXIT_STATE, \
	  "the guests of this host are not those of the plan any more", \
	  "nothing has changed; run it again, and look at the new plan") \
	X(267, CONFIG, L, HO_EXIT_USAGE, \
	  "configuration is no good", \
	  "correct that line: baton.conf(5); baton config --show has what is taken") \
	X(268, NOKERNEL, L, HO_EXIT_TARGET, \
	  "it is not known which kernel to start", \
	  "give --kernel, and what belongs to it (in the fallback --cmdline, too)") \
	X(269, PACKAGE, S, HO_EXIT_BLOB, \
	  "package for the door is damaged, or is none", \
	  "load it again: what kexec_file_load was given is not what baton wrote") \
	X(270, DOORPLACE, S, HO_EXIT_REGION, \
	  "a piece of the door lies over kept memory, over its own destination, or outside RAM", \
	  "load it again, so that the kernel chooses other places; upgrade --crash-image; or move guests off the top of RAM") \
	X(271, NOTRUST, S, HO_EXIT_TARGET, \
	  "stub has a key, and no target of the signed manifest is this one", \
	  "make a manifest of these files and this command line (baton sign --manifest), and sign it") \
	X(272, MANIFEST, S, HO_EXIT_BLOB, \
	  "manifest of targets is malformed", \
	  "make it anew with baton sign --manifest") \
	X(273, SIGNATURE, S, HO_EXIT_TARGET, \
	  "signature of the manifest is not one of the key in this stub", \
	  "sign the manifest as it is with the key whose public half is in the stub (baton sign --manifest --key)") \
	X(274, OLDMANIFEST, S, HO_EXIT_TARGET, \
	  "security version of the manifest is below what this stub takes", \
	  "update to a target that is not withdrawn, and sign a manifest of it (baton sign --manifest --security-version)") \
	X(275, OTHERFACTS, S, HO_EXIT_TARGET, \
	  "blob says something else of the firmware than the old kernel", \
	  "pack again on this host, in this boot; a stub with a key believes no other") \
	X(276, SIGN, L, HO_EXIT_FAILURE, \
	  "image cannot be signed", \
	  "give baton.kexec, or for a key alone any image of Baton; install sbsigntool") \
	X(277, KEY, L, HO_EXIT_FAILURE, \
	  "file is not a key that can be used", \
	  "RSA of 2048 to 4096 bits, PEM: openssl genrsa -out FILE 3072") \
	X(280, SEGMENTS, L, HO_EXIT_TARGET, \
	  "kernel does not say where it put the image", \
	  "Linux 6.8 or later does, or CONFIG_DYNAMIC_DEBUG; if another program loads images at the same time, stop it") \
	X(281, DOORSTUB, L, HO_EXIT_TARGET, \
	  "door has another stub in it than the update", \
	  "pack again with --stub and this door; upgrade does so by itself") \
	X(282, ARMFILE, L, HO_EXIT_LIMIT, \
	  "crash range does not hold the door of baton arm beside what it becomes", \
	  "a larger crashkernel=: twice the fallback's kernel and initrd, its memory, and 8 MiB") \
	X(283, SYNC, L, HO_EXIT_FAILURE, \
	  "file systems do not take in time what has not been written yet", \
	  "look for what writes much (sync; grep Dirty: /proc/meminfo), or for a mount whose server is gone; --no-sync goes without")

#ifndef __ASSEMBLER__
enum ho_error {
	HO_OK = 0,
#define HO_ERROR_ENUM(code, name, class, exit, text, remedy) HO_E##name = code,
	HO_ERROR_LIST(HO_ERROR_ENUM)
#undef HO_ERROR_ENUM
};
#endif

#endif /* HANDOVER_ERRORS_H */
