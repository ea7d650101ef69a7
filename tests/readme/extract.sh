#!/bin/sh
# extract.sh README OUT: the fenced cpp blocks of README as one program. Includes and namespace aliases stay outside, the
# rest of each block becomes a function; main calls them in their order.
set -eu
awk '
  /^```cpp$/ { inside = 1; blocks++; next }
  /^```$/ && inside { inside = 0; next }
  !inside { next }
  /^#include/ { if (!($0 in seen)) head = head $0 "\n"; seen[$0] = 1; next }
  /^namespace [a-z_]+ = / { if (!($0 in seen)) alias = alias $0 "\n"; seen[$0] = 1; next }
  { body[blocks] = body[blocks] "  " $0 "\n" }
  END {
    if (blocks == 0) { print "extract.sh: no cpp block" | "cat 1>&2"; exit 1 }
    print head "#include <iostream>\n\n" alias
    for (i = 1; i <= blocks; i++) printf "void block_%d() {\n%s}\n\n", i, body[i]
    print "int main() {"
    for (i = 1; i <= blocks; i++) printf "  block_%d();\n", i
    print "}"
  }' <"$1" >"$2"
