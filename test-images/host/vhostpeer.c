// SPDX-License-Identifier: MIT
/*
 * vhostpeer.c - a vhost-user device that cannot log what it writes, so that QEMU
 * cannot migrate a guest that has it: vhostpeer SOCKET. Says what it must for
 * QEMU to start, and moves nothing. Source: docs/interop/vhost-user.rst of
 * QEMU.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>


#define GET_FEATURES	1
#define GET_VRING_BASE	11
#define REPLY		(1u << 2 | 1)	/* a reply, version 1 */
#define VERSION_1	(1ull << 32)	/* the virtio feature, and no other */

struct message {
	uint32_t request, flags, bytes;
	uint64_t payload[64];
} __attribute__((packed));

#define HEAD	offsetof(struct message, payload)

static int answer(int peer, struct message *m)
{
	if (m->request == GET_FEATURES) {
		m->payload[0] = VERSION_1;
		m->bytes = sizeof(m->payload[0]);
	} else if (m->request != GET_VRING_BASE) {
		return 0;
	}
	m->flags = REPLY;
	return write(peer, m, HEAD + m->bytes) != (ssize_t)(HEAD + m->bytes);
}

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), peer;
	struct message m;

	if (argc != 2)
		return 2;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", argv[1]);
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(listener, 1)) {
		perror(argv[1]);
		return 1;
	}
	peer = accept(listener, NULL, NULL);
	while (recv(peer, &m, HEAD, MSG_WAITALL) == HEAD &&
	       m.bytes <= sizeof(m.payload) &&
	       (!m.bytes || recv(peer, m.payload, m.bytes, MSG_WAITALL) ==
			    (ssize_t)m.bytes) && !answer(peer, &m))
		;
	return 0;
}
