# SPDX-License-Identifier: MIT
# The portable heart: compiled unchanged into stub, loader, tests, fuzzers.
core-src := $(addprefix core/, \
	span.c fmt.c logring.c diag.c digest.c fdtread.c fdtwrite.c blob.c blob_memory.c blob_write.c blob_efi.c efi.c vgatext.c cold.c \
	blob_target.c blob_region.c blob_stream.c stream.c wdat.c hostmap.c told.c region.c frametable.c frametable_walk.c \
	free.c visit.c domtab.c pass.c pass_frames.c ptcheck.c e820.c e820_check.c place.c bzimage.c \
	facts.c bootparams.c mb2.c mb2_info.c mb2_read.c pvh.c plan.c plan_mb2.c plan_xen.c result.c result_read.c account.c course.c doormark.c)

# What core uses of others: shared in the loader and the tests, static and
# without a libc in the stub. Of libcrypto that is SHA-256 and nothing else.
core-libs := -lfdt -lcrypto
core-a := $(foreach a,libfdt.a libcrypto.a,$(shell gcc -print-file-name=$(a)))
