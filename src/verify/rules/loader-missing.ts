/** The loader that a program names is there. */
import type { Rule } from "./rule.ts";

export const loaderMissing: Rule = {
  id: "loader-missing",
  title: "The loader of a dynamically linked program is not in the image",
  what: "Looks for the path in PT_INTERP as the kernel does.",
  why: "The kernel says `no such file or directory`, and names the program, which is there. A program for glibc on Alpine ends like this, and one for musl on Debian.",
  example: "FROM alpine\nCOPY --from=golang:bookworm /go/bin/app /app   (built with cgo)",
  fix: "Link it statically (CGO_ENABLED=0), build it for that C library, or take a base that has the loader.",
};
