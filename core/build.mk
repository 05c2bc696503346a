# SPDX-License-Identifier: MIT
# The portable heart: compiled unchanged into stub, loader, tests, fuzzers.
core-src := $(addprefix core/, \
	base/span.c base/fmt.c base/logring.c base/diag.c base/digest.c base/fdtread.c base/fdtwrite.c blob/blob.c blob/blob_memory.c blob/blob_write.c blob/blob_efi.c firmware/efi.c firmware/vgatext.c door/cold.c \
	blob/blob_target.c blob/blob_region.c blob/blob_stream.c blob/stream.c firmware/wdat.c door/hostmap.c door/told.c own/region.c own/frametable.c own/frametable_walk.c \
	own/free.c own/visit.c own/domtab.c own/pass.c own/pass_frames.c own/ptcheck.c target/e820.c target/e820_check.c target/place.c target/bzimage.c \
	door/facts.c target/bootparams.c target/mb2.c target/mb2_info.c door/mb2_read.c door/pvh.c target/plan.c target/plan_mb2.c target/plan_xen.c result/result.c result/result_read.c result/account.c result/course.c target/doormark.c)

# What core uses of others: shared in the loader and the tests, static and
# without a libc in the stub. Of libcrypto that is SHA-256 and nothing else.
core-libs := -lfdt -lcrypto
core-a := $(foreach a,libfdt.a libcrypto.a,$(shell gcc -print-file-name=$(a)))
