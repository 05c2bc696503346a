// SPDX-License-Identifier: MIT
/*
 * virsh.c - see virsh.h. Source: virsh(1).
 */
#include "virsh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "util.h"

#define URI		"qemu:///system"
/* of virDomainQemuMonitorCommandWithFiles */
#define MAJOR_LEAST	8
#define MINOR_LEAST	2

#define STRING(x)	#x
#define NUMBER(x)	STRING(x)

char *virsh_ask(const char *const words[], int fd, int seconds,
		struct diag_log *diag)
{
	const char *argv[VIRSH_WORDS_MAX + 5] = { "virsh", "-q", "-c", URI };
	char why[128], *text;
	int i;

	for (i = 0; words[i] && i < VIRSH_WORDS_MAX; i++)
		argv[4 + i] = words[i];
	text = child_text(argv, fd, seconds, why, sizeof(why));
	if (!text)
		diag_add(diag, HO_ELIBVIRT, "virsh %.20s: %.90s", words[0],
			 why);
	return text;
}

int virsh_do(const char *const words[], int seconds, struct diag_log *diag)
{
	char *text = virsh_ask(words, -1, seconds, diag);

	free(text);
	return text ? 0 : -HO_ELIBVIRT;
}

/* The last number of the form 1.2.3 on a line is the daemon's, behind those of the
 * libraries. Words may be in any language. */
int virsh_check(struct diag_log *diag)
{
	char *text = virsh_ask((const char *[]){ "version", "--daemon", NULL },
			       -1, VIRSH_SECONDS, diag), *line, *next;
	int major, minor, count = 0, rc = 0;

	if (!text)
		return -HO_ELIBVIRT;
	for (line = strtok_r(text, "\n", &next); line && !rc;
	     line = strtok_r(NULL, "\n", &next)) {
		line = strrchr(line, ':');
		if (!line || !strstr(line, ".") || strstr(line, "QEMU") ||
		    sscanf(line + 1 + strcspn(line + 1, "0123456789"),
			   "%d.%d", &major, &minor) != 2)
			continue;
		count++;
		if (major < MAJOR_LEAST ||
		    (major == MAJOR_LEAST && minor < MINOR_LEAST))
			rc = diag_add(diag, HO_ELIBVIRT,
				      "libvirt %d.%d, older than %d.%d", major,
				      minor, MAJOR_LEAST, MINOR_LEAST);
	}
	free(text);
	return rc || count ? rc : diag_add(diag, HO_ELIBVIRT, "no version");
}

static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (!strncmp(text, line, length) &&
		    strchr("\r\n", text[length]))
			return true;
	return false;
}

/* `more`: which ones, or NULL. */
static int is_listed(const char *more, const char *uuid, int seconds,
		     bool *listed, struct diag_log *diag)
{
	char *text = virsh_ask((const char *[]){ "list", "--uuid", more, NULL },
			       -1, seconds, diag);

	*listed = false;
	if (!text)
		return -HO_ELIBVIRT;
	*listed = *uuid && has_line(text, uuid);
	free(text);
	return 0;
}

int virsh_is_active(const char *uuid, int seconds, bool *active,
		    struct diag_log *diag)
{
	return is_listed(NULL, uuid, seconds, active, diag);
}

int virsh_is_persistent(const char *uuid, bool *persistent,
			struct diag_log *diag)
{
	return is_listed("--persistent", uuid, VIRSH_SECONDS, persistent,
			 diag);
}

/* `virsh domuuid` takes names and numbers, and no UUID. */
int virsh_uuid(const char *name, char uuid[40], struct diag_log *diag)
{
	char *text;
	bool active;
	int rc;

	rc = virsh_is_active(name, VIRSH_SECONDS, &active, diag);
	if (rc || active) {
		snprintf(uuid, 40, "%s", name);
		return rc;
	}
	text = virsh_ask((const char *[]){ "domuuid", "--domain", name,
					   NULL }, -1, VIRSH_SECONDS, diag);
	if (!text)
		return -HO_ELIBVIRT;
	snprintf(uuid, 40, "%.*s", (int)strcspn(text, "\r\n"), text);
	free(text);
	rc = virsh_is_active(uuid, VIRSH_SECONDS, &active, diag);
	return rc || active ? rc : diag_add(diag, HO_ELIBVIRTDOMAIN,
					    "%.60s does not run", name);
}

int virsh_monitor(void *own, const char *command, int fd, int seconds,
		  char **answer, struct diag_log *diag)
{
	const char *words[VIRSH_WORDS_MAX] = { "qemu-monitor-command" };
	int count = 1;

	if (fd >= 0) {
		words[count++] = "--pass-fds";
		words[count++] = NUMBER(CHILD_FD);
	}
	words[count++] = own;
	words[count] = command;
	*answer = virsh_ask(words, fd, seconds, diag);
	return *answer ? 0 : -HO_ELIBVIRT;
}
