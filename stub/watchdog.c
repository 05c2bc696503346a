// SPDX-License-Identifier: MIT
/*
 * watchdog.c - see watchdog.h.
 */
#include "watchdog.h"

#include "cpu.h"
#include "memory.h"

#define PERIOD_MS 300000	/* more than apic.c gives a stage */

static uint32_t read_register(void *context, struct wdat_register r)
{
	const volatile void *at = (const volatile void *)r.address;

	(void)context;
	switch (r.bytes) {
	case 1:
		return r.memory ? *(const volatile uint8_t *)at
				: cpu_in8(r.address);
	case 2:
		return r.memory ? *(const volatile uint16_t *)at
				: cpu_in16(r.address);
	}
	return r.memory ? *(const volatile uint32_t *)at
			: cpu_in32(r.address);
}

static void write_register(void *context, struct wdat_register r, uint32_t v)
{
	volatile void *at = (volatile void *)r.address;

	(void)context;
	if (!r.memory)
		r.bytes == 1 ? cpu_out8(r.address, v) :
		r.bytes == 2 ? cpu_out16(r.address, v) :
			       cpu_out32(r.address, v);
	else if (r.bytes == 1)
		*(volatile uint8_t *)at = v;
	else if (r.bytes == 2)
		*(volatile uint16_t *)at = v;
	else
		*(volatile uint32_t *)at = v;
}

static const struct wdat_io io = { read_register, write_register, NULL };

void watchdog_arm(struct stub *s)
{
	const struct wdat *w = &s->blob.wdat;
	uint32_t count, i;

	for (i = 0; i < w->entry_count; i++) {
		struct wdat_register r = wdat_register(w, i);

		if (r.memory && memory_map_device(s, r.address, r.bytes))
			return;
	}
	if (!w->entry_count)
		return;
	count = PERIOD_MS / w->period_ms;
	if (count > w->max_count)
		count = w->max_count;
	if (count < w->min_count)
		count = w->min_count;
	wdat_run(w, WDAT_SET_STOPPED, 0, &io);
	wdat_run(w, WDAT_SET_COUNTDOWN, count, &io);
	wdat_run(w, WDAT_SET_REBOOT, 0, &io);
	wdat_run(w, WDAT_SET_RUNNING, 0, &io);
	s->watchdog = *w;
	watchdog_wind_up(s);
	console_say(&s->console, "baton-stub: watchdog of %u s\n",
		    count * w->period_ms / 1000);
}

void watchdog_wind_up(struct stub *s)
{
	wdat_run(&s->watchdog, WDAT_RESET, 0, &io);
}

void watchdog_stop(struct stub *s)
{
	wdat_run(&s->watchdog, WDAT_SET_STOPPED, 0, &io);
}
