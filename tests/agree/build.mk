# SPDX-License-Identifier: MIT
# What core/ makes of blobs, for the other reader to compare with; and what starts a
# stub for it.

agree-bin := $(addprefix $(O)/tests/agree/,core core-stub start.bin)
$(O)/tests/agree/core: $(call objs,host,tests/agree/core.c $(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_host) $(LDFLAGS_host) $^ $(core-libs) -o $@

$(O)/tests/agree/start.elf: tests/agree/start.S
	@mkdir -p $(@D)
	$(Q)$(CC_free) -nostdlib -static -no-pie -Wl,-Ttext=0xffff0000 \
		-Wl,--build-id=none,-e,0xffff0000 $< -o $@
$(O)/tests/agree/start.bin: $(O)/tests/agree/start.elf
	@$(call say,OBJCOPY $@)
	$(Q)objcopy -O binary -j .text $< $@

# The same of the stub's own objects
$(O)/tests/agree/core-stub: $(call objs,tool,tests/agree/core.c) \
		$(call objs,free,$(core-src))
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ $(core-libs) -o $@
