/** Each symbol that is asked for is defined. */
import type { Rule } from "./rule.ts";

export const symbolMissing: Rule = {
  id: "symbol-missing",
  title: "A symbol that the program asks for is defined nowhere",
  what: "Looks up every undefined symbol in the program and its libraries in the loader's order, with versions. What glibc looks up only when it is called is a warning.",
  why: "The loader ends the program: `symbol lookup error: /app: undefined symbol: foo`; `Error relocating /app: foo: symbol not found` with musl.",
  example:
    "A plugin or library of another release than the program; a glibc program with musl behind libc.so.6",
  fix: "Take program and library from the same release; build for the C library that the image has.",
};
