/* SPDX-License-Identifier: MIT */
/*
 * libxml.h - libxml2, opened when it is needed: wherever libvirt is it is, too, and
 * elsewhere it is large to have.
 */
#ifndef LOADER_LIBXML_H
#define LOADER_LIBXML_H

#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "diag.h"

#define LIBXML_FUNCTIONS(X) \
	X(xmlInitParser) \
	X(xmlSetGenericErrorFunc) \
	X(xmlReadMemory) \
	X(xmlFreeDoc) \
	X(xmlDocGetRootElement) \
	X(xmlXPathNewContext) \
	X(xmlXPathFreeContext) \
	X(xmlXPathEvalExpression) \
	X(xmlXPathFreeObject) \
	X(xmlNodeGetContent) \
	X(xmlNodeSetContent) \
	X(xmlNewChild) \
	X(xmlSetProp) \
	X(xmlUnlinkNode) \
	X(xmlFreeNode) \
	X(xmlEncodeSpecialChars) \
	X(xmlBufferCreate) \
	X(xmlBufferContent) \
	X(xmlBufferFree) \
	X(xmlNodeDump)

struct libxml {
#define LIBXML_POINTER(function) __typeof__(function) *function;
	LIBXML_FUNCTIONS(LIBXML_POINTER)
#undef LIBXML_POINTER
};

/* The library, the same each time, on any thread. NULL: HO_ELIBVIRT, it is not
 * there. */
const struct libxml *libxml_open(struct diag_log *diag);

#endif /* LOADER_LIBXML_H */
