# SPDX-License-Identifier: MIT
# Fakes: a host of files, a kernel, monitors of QEMU, Xen's libraries. A test
# with whole commands is the loader's own objects with main() renamed; what
# would reach the machine is taken by the linker.

fake-wraps := open fopen access opendir glob readlink stat lstat statvfs fstatfs mkdir \
	rmdir unlink link rename mkostemp realpath chown chmod fstat \
	json_object_from_file \
	syscall reboot geteuid sync fork _exit setgroups pause sleep mmap posix_spawnp \
	kill pidfd_send_signal sendmsg dlopen dlsym dlerror ioctl mount
fake-link := $(foreach w,$(fake-wraps),-Wl,--wrap=$(w))
# of all hosted tests: those that replace nothing
fake-plain-src := tests/fake/fakeqmp.c tests/fake/fakesave.c
fake-src := $(filter-out tests/fake/standin.c,$(sort $(wildcard tests/fake/*.c)))

$(O)/%/tests/fake/main.o: $(O)/%/loader/cli/main.o
	@mkdir -p $(@D)
	$(Q)objcopy --redefine-sym main=baton_main $< $@

# $(call fake-objs,FLAVOUR): all that a test of commands is linked of
fake-objs = $(call objs,$(1),tests/unit/testmachine.c $(fake-src) \
	$(filter-out loader/cli/main.c,$(loader-src)) $(loader-lib-src) \
	$(core-src)) $(O)/$(1)/tests/fake/main.o

# A virsh, started hundreds of times
stand-in := $(O)/tests/fake/standin
$(stand-in): $(call objs,tool,tests/fake/standin.c) $(call fake-objs,tool)
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_tool) $(LDFLAGS_tool) $(fake-link) $^ -lcmocka $(loader-libs) -o $@

command-test-bin := $(patsubst %.c,$(O)/%,$(wildcard tests/command/test_*.c))
$(command-test-bin): $(O)/tests/command/%: $(O)/host/tests/command/%.o \
		$(call fake-objs,host) | $(stand-in)
	@mkdir -p $(@D)
	@$(call say,LD $@)
	$(Q)$(CC_host) $(LDFLAGS_host) $(fake-link) $^ -lcmocka \
		$(loader-libs) -o $@
