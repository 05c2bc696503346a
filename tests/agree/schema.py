# SPDX-License-Identifier: MIT
"""The schemas of handover-abi as far as they are a table of properties: nodes,
properties, types, bounds. Reads the YAML that is written there, not all that
there is: mappings by indentation, lists of words, [ words ]."""
import re

TYPES = {"uint32": "u32", "uint64": "u64", "uint8-array": "bytes",
         "string": "string", "string-array": "strings", "flag": "flag",
         "uint32-array": "u32s", "uint64-array": "u64s",
         "uint32-matrix": "cells"}
LINE = re.compile(r'^( *)(?:- )?(?:"([^"]+)"|([\w#,$-]+)):(?: +(.*))?$')


def read(path):
    """Nested mappings; lists of words are lists."""
    root = {}
    stack = [(-1, root)]
    for line in path.read_text().splitlines():
        line = re.sub(r" +# .*$", "", line)
        if not line.strip() or line.lstrip().startswith(("#", "%", "---")):
            continue
        indent = len(line) - len(line.lstrip())
        found = LINE.match(line)
        while indent <= stack[-1][0]:
            stack.pop()
        here = stack[-1][1]
        if not found:
            word = re.match(r"^ *- ([\w,#-]+)$|^ *- \"([^\"]+)\"$", line)
            if word:
                here.setdefault("[]", []).append(word[1] or word[2])
            continue
        key, value = found[2] or found[3], found[4]
        if line.lstrip().startswith("- "):      # an alternative of several
            indent += 2
        if value is None:
            here[key] = {}
            stack.append((indent, here[key]))
        else:
            here[key] = value.strip('"')
    return root


def words(value):
    if isinstance(value, dict):
        return value.get("[]", [])
    return value.strip("[] ").split(", ") if value else []


def describe(says, required, defs):
    out = {"required": required}
    ref = says.get("$ref", "") if isinstance(says, dict) else ""
    if ref.startswith("#/$defs/"):
        says = defs[ref.rsplit("/", 1)[-1]]
    ref = says.get("$ref", "") if isinstance(says, dict) else ""
    kind = TYPES.get(ref.rsplit("/", 1)[-1])
    if kind:
        out["type"] = kind
    for word in ("minimum", "maximum", "minItems", "maxItems"):
        if isinstance(says, dict) and word in says:
            out[word] = int(says[word], 0)
    if not isinstance(says, dict):
        return out
    # of a u64 that has no `minimum` there: dt-validate takes that for cells
    if says.get("not", {}).get("const") == "[ [ 0, 0 ] ]":
        out["minimum"] = 1
    allowed = words(says.get("enum", "")) or words(says.get("const", ""))
    if allowed and all(re.match(r"(0x)?\d+$", word) for word in allowed):
        numbers = sorted(int(word, 0) for word in allowed)
        out["minimum"], out["maximum"] = numbers[0], numbers[-1]
    return out


def walk(node, name, defs, out):
    ref = node.get("$ref", "")
    if ref.startswith("#/$defs/"):
        node = defs[ref.rsplit("/", 1)[-1]]
    need = set(words(node.get("required")))
    for key, says in node.get("properties", {}).items():
        child = name.rstrip("/") + "/" + key if name != "/" else key
        inner = says if isinstance(says, dict) else {}
        made_of = defs.get(inner.get("$ref", "").removeprefix("#/$defs/"), {})
        if "properties" in inner or "properties" in made_of:
            walk(inner, child, defs, out)
        elif key != "$nodename":
            out[name, key] = describe(says, key in need, defs)
    for pattern, says in node.get("patternProperties", {}).items():
        for base in re.match(r"\^\(?([\w|-]+)\)?@?", pattern)[1].split("|"):
            at = "@" if "@" in pattern else ""
            walk(says, (f"{name}/" if name != "/" else "") + base + at, defs,
                 out)


def properties(path):
    """{(node, property): {type, minimum, maximum, minItems, maxItems,
    required}}; a node with an address ends in '@'."""
    root = read(path)
    out = {}
    walk(root, "/", root.get("$defs", {}), out)
    return out
