# SPDX-License-Identifier: MIT
# What the boot tests run: in the guest, and as a target.

host-image := $(addprefix $(O)/test-images/, \
	holder memdev vhostpeer nokexec xenframe)

$(O)/test-images/xenframe: LDLIBS_image := -lxenforeignmemory
$(host-image): $(O)/test-images/%: $(call objs,tool,test-images/host/%.c)
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $^ $(LDLIBS_image) -o $@

# multiboot2 targets: each of its own sources, and what they share
target-obj := $(call objs,free,test-images/payload/head.S \
	test-images/payload/checks.c stub/console.c stub/libc.c \
	stub/crypto.c $(core-src))
payload-obj := $(call objs,free,test-images/payload/payload.c)
relay-obj := $(call objs,free,$(addprefix test-images/relay/, \
	relay.c domains.c))

$(O)/test-images/payload.elf: $(payload-obj)
$(O)/test-images/relay.elf: $(relay-obj)
$(O)/test-images/payload.elf $(O)/test-images/relay.elf: $(target-obj) \
		test-images/payload/payload.lds
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)ld $(LDFLAGS_pie) -s --gc-sections -T test-images/payload/payload.lds \
		$(filter %.o,$^) $(core-a) -o $@

all: $(host-image) $(O)/test-images/payload.elf $(O)/test-images/relay.elf

# What a test host needs to run KVM guests; fetches modules and headers of the
# test kernels, so it is no part of `all`
kvm-images := $(addprefix $(O)/kvm/,kvm.cpio newer.cpio disk.img save.img)
$(kvm-images) &: scripts/mkkvm scripts/mkinitrd scripts/fetch-qemu \
		test-images/guest/init $(module-src)
	@mkdir -p $(@D)
	@$(call say,MKKVM $(@D))
	$(Q)scripts/mkkvm $(O)/module $(@D)

# What `make install` puts down, to be unpacked at / of Debian's disk
$(O)/kvm/install.cpio: Makefile docs/baton.8 loader/initramfs/init-bottom \
		$(wildcard systemd/*) \
		$(wildcard libvirt/*) $(module-src) $(O)/loader/baton \
		$(O)/loader/baton-qemu $(O)/stub/stub.bin \
		$(O)/stub/baton.bzImage $(O)/stub/baton.elf
	@rm -rf $(@D)/root
	$(Q)$(MAKE) -s install DESTDIR=$(abspath $(@D))/root PREFIX=/usr
	$(Q)cd $(@D)/root && find . | LC_ALL=C sort | \
		cpio --quiet -o -H newc -R 0:0 >../install.cpio

.PHONY: kvm-images
kvm-images: $(kvm-images) $(O)/kvm/install.cpio
