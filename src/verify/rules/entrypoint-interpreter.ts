/** The interpreter of a script is there. */
import type { Rule } from "./rule.ts";

export const entrypointInterpreter: Rule = {
  id: "entrypoint-interpreter",
  title: "The interpreter of a script is not in the image",
  what: "Follows the #! line of the script as the kernel does: absolute path, 256 bytes at most, five levels at most. A carriage return at the line's end is part of the name.",
  why: "The kernel says `no such file or directory`, and names the script, which is there: the commonest riddle of containers.",
  example: "#!/bin/bash   (in an Alpine image)\n#!/bin/sh\\r   (Windows line ends)",
  fix: "Install the interpreter, name one that is there, or convert the line ends: sed -i 's/\\r$//' FILE",
};
