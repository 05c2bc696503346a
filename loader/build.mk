# SPDX-License-Identifier: MIT
# The baton command over libbaton.

loader-lib-src := $(filter-out loader/cli/% loader/guest/emulator/main.c,$(sort \
	$(wildcard loader/*/*.[cS] loader/guest/*/*.[cS])))
loader-src := $(sort $(wildcard loader/cli/*.c))
loader-libs = $(core-libs) -ljson-c -lsmartcols -lz -llzma -llz4 -lzstd

$(O)/loader/libbaton.a: $(call objs,tool,$(loader-lib-src) $(core-src))
	@mkdir -p $(@D)
	@$(call say,AR $@)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(O)/loader/baton: $(call objs,tool,$(loader-src)) $(O)/loader/libbaton.a
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ $(loader-libs) -o $@

# What libvirt starts for a kept guest: little of libbaton, and of its libraries
$(O)/loader/baton-qemu: $(call objs,tool,loader/guest/emulator/main.c) $(O)/loader/libbaton.a
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) -Wl,--as-needed $^ $(loader-libs) -o $@

$(foreach f,$(FLAVOURS),$(call objs,$(f),loader/install/grub_script.S)): loader/install/11_baton

# Shell completion, of the same table of options
$(O)/loader/baton.bash $(O)/loader/_baton: $(O)/loader/baton
	@$(call say,GEN $@)
	$(Q)$< help --$(if $(filter %.bash,$@),bash,zsh) >$@

all: $(O)/loader/baton $(O)/loader/baton-qemu $(O)/loader/baton.bash $(O)/loader/_baton
