# SPDX-License-Identifier: MIT
# What the boot tests run: in the guest, and as a target.

$(O)/test-images/holder: $(call objs,tool,test-images/holder.c)
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ -o $@

$(O)/test-images/memdev: $(call objs,tool,test-images/memdev.c)
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ -o $@

payload-obj := $(call objs,free,test-images/payload/head.S \
	test-images/payload/payload.c stub/console.c stub/libc.c \
	stub/crypto.c $(core-src))

$(O)/test-images/payload.elf: $(payload-obj) test-images/payload/payload.lds
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)ld $(LDFLAGS_pie) -T test-images/payload/payload.lds \
		$(payload-obj) $(core-a) -o $@

all: $(O)/test-images/holder $(O)/test-images/memdev $(O)/test-images/payload.elf

# What a test host needs to run KVM guests; fetches modules and headers of the
# test kernels, so it is no part of `all`
$(O)/kvm/kvm.cpio $(O)/kvm/disk.img &: scripts/mkkvm scripts/mkinitrd test-images/guest/init \
		module/Kbuild $(wildcard module/*.[ch])
	@mkdir -p $(@D)
	@$(call say,MKKVM $(@D))
	$(Q)scripts/mkkvm $(@D)/work $(@D)/kvm.cpio $(@D)/disk.img

.PHONY: kvm-images
kvm-images: $(O)/kvm/kvm.cpio $(O)/kvm/disk.img
