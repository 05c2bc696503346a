# SPDX-License-Identifier: MIT
# shellcheck shell=dash
#
# Debian with systemd, and a guest that is a service of an unprivileged user.
# Sourced by kvm-systemd and kvm-early.

. /cases/kvm-lib.sh

MONITOR=$GUEST_DIR/vm1.qmp

# What an administrator does once
install_all() {
	mkdir /etc/sysusers.d
	unpack_over_links /files/kvm.cpio /files/install.cpio
	depmod
	echo "options kvm-amd vgif=0" >/etc/modprobe.d/kvm.conf
	echo kvm-amd >/etc/modules-load.d/kvm.conf
	echo "d $GUEST_DIR 0750 guest guest" >/etc/tmpfiles.d/guest.conf
	echo "u guest - -" >/etc/sysusers.d/guest.conf
	systemd-sysusers
	systemd-tmpfiles --create
	modprobe -a kvm-amd baton_mem
	udevadm settle
	echo vm.nr_hugepages=72 >/etc/sysctl.d/guest.conf
	cat >/etc/systemd/system/vm1.service <<-END
	[Unit]
	After=baton-adopt.service baton-adopt@vm1.service
	[Service]
	# it was kept, and goes on
	ExecCondition=+/bin/sh -c '/usr/sbin/baton adopt --test vm1; case \$\$? in 6|9) ;; *) exit 1 ;; esac'
	User=guest
	SupplementaryGroups=kvm dialout
	LimitMEMLOCK=70M
	LimitNOFILE=700
	OOMScoreAdjust=-77
	UMask=0027
	WorkingDirectory=$GUEST_DIR
	Environment=COLOUR=green
	ExecStart=/usr/bin/qemu-system-x86_64 -name vm1 -accel kvm -cpu qemu64 \\
		-machine pc,memory-backend=ram -m 128M \\
		-object memory-backend-memfd,id=ram,size=128M,share=on,hugetlb=on \\
		-nodefaults -no-user-config -display none \\
		-chardev serial,id=console,path=/dev/ttyS1,logfile=$GUEST_DIR/vm1.console,logappend=on \\
		-serial chardev:console -qmp unix:$MONITOR,server=on,wait=off \\
		-kernel /guest/vmlinuz -initrd /guest/initrd \\
		-append "console=ttyS0 quiet mitigations=off"
	[Install]
	WantedBy=multi-user.target
	END
	systemctl daemon-reload
	systemctl -q enable baton-adopt.service vm1.service
}

# of the next instance, and what it is
CMDLINE=$(sed 's/BOOT_IMAGE=[^ ]* //; s/acpi_no_memhotplug//; s/baton[^ ]*//g' /proc/cmdline)
KERNEL=$(echo /boot/vmlinuz-*)
INITRD=$(echo /boot/initrd.img-*)

# check_guest CGROUP: the guest is there, as its unit says, and systemd's view of it
check_guest() {
	check "it ticks after update $STEP" wait_tick vm1 3 60
	PID=$(pidof qemu-system-x86_64)
	check "one QEMU" [ "$(echo "$PID" | wc -w)" = 1 ]
	check "its unit did not start another one" \
		[ "$(systemctl is-active vm1.service)" = inactive ]
	check "where it was adopted: $1" grep -q "$1" "/proc/$PID/cgroup"
	check "its user" [ "$(stat -c %U "/proc/$PID")" = guest ]
	# systemd adds those of the user
	check "its groups" [ "$(ps_groups)" = \
		"$(getent group kvm dialout guest | cut -d: -f3 | sort | xargs)" ]
	check_process "open files" '^Max open files +700 +700 ' limits
	check_process "locked memory" \
		'^Max locked memory +73400320 +73400320 ' limits
	check_process "OOM score" '^-77$' oom_score_adj
	check_process "umask" '^Umask:\s0027$' status
	check "environment" sh -c \
		"tr '\\0' '\\n' </proc/$PID/environ | grep -qx COLOUR=green"
	check "nothing of that one start" sh -c \
		"! tr '\\0' '\\n' </proc/$PID/environ | grep -q INVOCATION_ID"
	check "its memory is its user's" \
		[ "$(stat -c '%a %U %G' /dev/baton/vm1.ram)" = "600 guest guest" ]
	check "file systems were unmounted" \
		sh -c '! dmesg | grep -i "EXT4-fs.*recover"'
	check "no unit failed" [ -z "$(systemctl --failed --no-legend)" ]
}

ps_groups() {
	sed -n 's/^Groups://p' "/proc/$PID/status" | xargs -n 1 | sort | xargs
}

# first_jump: into a kernel with a region, where the guest is started
first_jump() {
	kexec -l "$KERNEL" --initrd="$INITRD" \
		--append="$CMDLINE crashkernel=384M" || bad "kexec"
	next systemctl kexec
}

# update WORDS...: of the guest, and systemd takes the host down. The words are of the
# next kernel's command line
update() {
	next baton upgrade --qemu "$MONITOR" --name vm1 --kernel "$KERNEL" \
		--initrd "$INITRD" --cmdline "$CMDLINE${*:+ $*}" --policy reset \
		--shutdown
}

# wait_guest: its service has started it
wait_guest() {
	wait_unit vm1.service 60
	if ! wait_tick vm1 3 60; then
		systemctl --no-pager -l status vm1.service
		bad "guest does not tick"
		finish
	fi
}
