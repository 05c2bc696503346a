# SPDX-License-Identifier: MIT
# The stub: one flat image, position independent, at most 160 KiB.

# pure enough for hosted tests of the very same object files
stub-hosted-src := core/base/paging.c
stub-src := $(addprefix stub/, head.S trap_entry.S jump.S \
	main.c fail.c apic.c watchdog.c memory.c chain.c trap.c console.c libc.c crypto.c symbols.c \
	trustslot.c)

# What runs once and over little is made small, for the 160 KiB
stub-small-src := core/base/fdtread.c core/base/room.c core/firmware/wdat.c \
	$(addprefix core/blob/, blob.c blob_region.c blob_stream.c \
		blob_target.c) \
	$(addprefix core/target/, bootparams.c bzimage.c doormark.c e820_check.c mb2.c \
		mb2_info.c place.c plan_part.c plan_xen.c trust.c \
		trust_check.c) core/base/signature.c \
	core/result/course.c core/result/maps.c core/result/result.c \
	$(addprefix stub/, chain.c memory.c fail.c)
$(call objs,free,$(stub-small-src)): CFLAGS_free += -Os
stub-hook-src := stub/hook.c
stub-obj := $(call objs,free,$(stub-src) $(core-src))
stub-ld = ld $(LDFLAGS_pie) --hash-style=gnu --gc-sections -T stub/stub.lds
# $(call stub-link,OBJECTS): to $@, twice, for the names in reports
define stub-link
	$(Q)awk -f stub/symbols.awk </dev/null >$@.sym.c
	$(Q)$(CC_free) $(CFLAGS_free) $(call cpp,stub) -c $@.sym.c -o $@.sym.o
	$(Q)$(stub-ld) $(1) $@.sym.o $(core-a) -o $@.first
	$(Q)nm -n $@.first | awk -f stub/symbols.awk >$@.sym.c
	$(Q)$(CC_free) $(CFLAGS_free) $(call cpp,stub) -c $@.sym.c -o $@.sym.o
	$(Q)$(stub-ld) $(1) $@.sym.o $(core-a) -o $@
	$(Q)[ "$$(nm $@.first | grep ' [tT] ')" = "$$(nm $@ | grep ' [tT] ')" ]
	$(Q)! readelf -rW $@ | grep R_X86_64 | grep -v R_X86_64_RELATIVE
endef

# freestanding images that relocate themselves: the stub and the payload
LDFLAGS_pie := -pie --no-dynamic-linker -z noexecstack -z max-page-size=4096 \
	-z norelro --build-id=none --no-warn-rwx-segments

$(O)/stub/stub.elf: $(stub-obj) $(call objs,free,$(stub-hook-src)) \
		stub/stub.lds stub/symbols.awk
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(call stub-link,$(filter %.o,$^))

$(O)/stub/stub.bin: $(O)/stub/stub.elf
	@$(call say,OBJCOPY $@)
	$(Q)objcopy -O binary $< $@

all: $(O)/stub/stub.bin

# The door of a first boot: the stub, and what puts it into the region, in three
# wrappings: a bzImage, the same as PE, and an ELF. All say how large it is, so they come last.
door-obj := $(call objs,free,stub/door/head.S stub/door/door.c stub/door/warm.c \
	stub/console.c stub/libc.c stub/crypto.c $(core-src))
$(O)/free/stub/door/head.o: CPPFLAGS += -DDOOR_STUB='"$(O)/stub/stub.bin"'
$(O)/free/stub/door/head.o: $(O)/stub/stub.bin

$(O)/stub/door.elf: $(door-obj) stub/door/door.lds
	@$(call say,LD $@)
	$(Q)ld $(LDFLAGS_pie) --gc-sections -T stub/door/door.lds \
		$(door-obj) $(core-a) -o $@
	$(Q)! readelf -rW $@ | grep R_X86_64 | grep -v R_X86_64_RELATIVE

$(O)/stub/door.bin: $(O)/stub/door.elf
	$(Q)objcopy -O binary $< $@

# $(call door-wrap,FLAGS): assemble the wrapping $<, with the sizes, to $@
define door-wrap
	$(Q)$(CC_free) $(call cpp,stub/door) $(1) -c $< -o $@ \
		-DDOOR_BIN='"$(O)/stub/door.bin"' -DDOOR_PARAGRAPHS=$$(( \
			($$(stat -c %s $(O)/stub/door.bin) + 15) / 16 )) \
		-DDOOR_INIT_SIZE=0x$$(nm $(O)/stub/door.elf | \
			sed -n 's/ . door_memory_end//p')
endef

$(O)/stub/baton.bzImage.o: stub/door/setup.S $(O)/stub/door.bin
	$(call door-wrap,-m32)

$(O)/stub/baton.bzImage: $(O)/stub/baton.bzImage.o
	@$(call say,BZIMAGE $@)
	$(Q)ld -m elf_i386 -Ttext 0 -e 0 --oformat binary $< -o $@.setup
	$(Q)cat $@.setup $(O)/stub/door.bin >$@

$(O)/stub/baton.elf.o: stub/door/multiboot.S $(O)/stub/door.bin \
		stub/door/door.h
	$(call door-wrap)

# The same behind the headers of a PE image, in whole sectors: to be signed
$(O)/stub/baton.kexec.o: stub/door/setup.S $(O)/stub/door.bin
	$(call door-wrap,-m32 -DDOOR_PE)

$(O)/stub/baton.kexec: $(O)/stub/baton.kexec.o
	@$(call say,BZIMAGE $@)
	$(Q)ld -m elf_i386 -Ttext 0 -e 0 --oformat binary $< -o $@.setup
	$(Q)cat $@.setup $(O)/stub/door.bin >$@
	$(Q)truncate -s %512 $@

# $(call door-link,FLAGS): the wrapping $< to $@
door-link = $(Q)ld --build-id=none --no-warn-rwx-segments -z noexecstack \
	-z max-page-size=4096 $(1) -T stub/door/multiboot.lds $< -o $@
$(O)/stub/baton.elf: $(O)/stub/baton.elf.o stub/door/multiboot.lds
	@$(call say,LD $@)
	$(call door-link,)

all: $(O)/stub/baton.bzImage $(O)/stub/baton.kexec $(O)/stub/baton.elf
