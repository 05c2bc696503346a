# SPDX-License-Identifier: MIT
# The stub: one flat image, position independent, at most 128 KiB.

# pure enough for hosted tests of the very same object files
stub-hosted-src := stub/paging.c
stub-src := $(stub-hosted-src) $(addprefix stub/, head.S trap_entry.S jump.S \
	main.c fail.c apic.c memory.c chain.c trap.c console.c libc.c crypto.c)
stub-hook-src := stub/hook.c
stub-obj := $(call objs,free,$(stub-src) $(core-src))
stub-link = ld $(LDFLAGS_pie) --gc-sections -T stub/stub.lds

# freestanding images that relocate themselves: the stub and the payload
LDFLAGS_pie := -pie --no-dynamic-linker -z noexecstack -z max-page-size=4096 \
	-z norelro --build-id=none --no-warn-rwx-segments

$(O)/stub/stub.elf: $(stub-obj) $(call objs,free,$(stub-hook-src)) \
		stub/stub.lds
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(stub-link) $(filter %.o,$^) $(core-a) -o $@
	$(Q)! readelf -rW $@ | grep R_X86_64 | grep -v R_X86_64_RELATIVE

$(O)/stub/stub.bin: $(O)/stub/stub.elf
	@$(call say,OBJCOPY $@)
	$(Q)objcopy -O binary $< $@

all: $(O)/stub/stub.bin
