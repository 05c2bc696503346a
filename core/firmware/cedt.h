/* SPDX-License-Identifier: MIT */
/*
 * cedt.h - the CXL Early Discovery Table of ACPI: at which addresses the platform
 * decodes CXL memory. Source: CXL specification 3.0, 9.17.1 (CEDT), 9.17.1.3
 * (CFMWS).
 */
#ifndef CORE_CEDT_H
#define CORE_CEDT_H

#include <stdbool.h>
#include <stdint.h>

#include "types.h"

/*
 * The window behind *at, which is 0 at first: bytes into the table, moved on.
 * False: no further one, or the rest of the table is damaged. A window that is
 * empty or wraps is passed over.
 */
bool cedt_next(const void *table, uint64_t bytes, uint64_t *at,
	       struct range *window);

#endif /* CORE_CEDT_H */
