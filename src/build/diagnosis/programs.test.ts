/**
 * The words by which a step that ran a program is known to have failed. They are real: of runs of those programs, of the issues in which
 * people report them (Rosetta's, Alpine's, sharp's, Next's), and of the sources that stand beside the rules.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { failedMake } from "../../../test/build-said.ts";
import { diagnose } from "./diagnosis.ts";

const emulated = { platform: "linux/arm64" };

type Row = readonly [output: string, exitCode: number, code: string, fact: string];

const native: readonly Row[] = [
  ["/bin/sh: 1: /p: Exec format error", 126, "STEP_PROGRAM_FOREIGN", "/p"],
  [
    "bash: line 1: /p: cannot execute binary file: Exec format error",
    126,
    "STEP_PROGRAM_FOREIGN",
    "/p",
  ],
  ["exec /bin/sh: exec format error", 1, "BASE_PLATFORM_WRONG", "another platform"],
  [
    "/x: error while loading shared libraries: libc.so.6: CPU ISA level is lower than required",
    127,
    "STEP_CPU_TOO_OLD",
    "CPU ISA level is lower than required",
  ],
  [
    "Fatal glibc error: CPU does not support x86-64-v2",
    127,
    "STEP_CPU_TOO_OLD",
    "CPU does not support x86-64-v2",
  ],
  [
    "This program can only be run on AMD64 processors with v3 microarchitecture support.",
    1,
    "STEP_CPU_TOO_OLD",
    "This program can only be run on AMD64 processors with v3 microarchitecture support",
  ],
  ["Illegal instruction (core dumped)", 132, "STEP_INSTRUCTION_ILLEGAL", "linux/amd64"],
  ["Segmentation fault", 139, "STEP_CRASHED", "SIGSEGV, memory that is not its own"],
  ["", 134, "STEP_CRASHED", "SIGABRT, it gave up itself"],
  [
    "Error: Cannot find module @rollup/rollup-linux-x64-gnu. npm has a bug related to optional dependencies (https://github.com/npm/cli/issues/4828).",
    1,
    "STEP_DEPENDENCY_MISSING",
    "@rollup/rollup-linux-x64-gnu",
  ],
  [
    `Error: The package "@esbuild/linux-x64" could not be found, and is needed by esbuild.`,
    1,
    "STEP_DEPENDENCY_MISSING",
    "@esbuild/linux-x64",
  ],
  [
    `Specifically the "@esbuild/darwin-arm64" package is present but this platform\nneeds the "@esbuild/linux-x64" package instead. People often get into this`,
    1,
    "STEP_DEPENDENCY_MISSING",
    "@esbuild/linux-x64",
  ],
  [
    'Error: Could not load the "sharp" module using the linux-x64 runtime',
    1,
    "STEP_DEPENDENCY_MISSING",
    "sharp",
  ],
  [
    "Error: Cannot find module '../lightningcss.linux-x64-gnu.node'",
    1,
    "STEP_DEPENDENCY_MISSING",
    "lightningcss.linux-x64-gnu",
  ],
  [
    "Error: Cannot find module '@swc/core-linux-x64-musl'",
    1,
    "STEP_DEPENDENCY_MISSING",
    "@swc/core-linux-x64-musl",
  ],
  [
    "Error: Failed to load SWC binary for linux/x64, see more info here",
    1,
    "STEP_DEPENDENCY_MISSING",
    "SWC",
  ],
  [
    "Error: /app/node_modules/bcrypt/lib/binding/napi-v3/bcrypt_lib.node: invalid ELF header",
    1,
    "STEP_MODULE_FOREIGN",
    "/app/node_modules/bcrypt/lib/binding/napi-v3/bcrypt_lib.node",
  ],
  [
    "ImportError: /venv/lib/python3.11/site-packages/x.so: wrong ELF class: ELFCLASS32",
    1,
    "STEP_MODULE_FOREIGN",
    "/venv/lib/python3.11/site-packages/x.so",
  ],
  [
    "Error: /app/x.node: cannot open shared object file: No such file or directory",
    1,
    "STEP_MODULE_FOREIGN",
    "/app/x.node",
  ],
  [
    "/usr/bin/ld: i386 architecture of input file `a32.o' is incompatible with i386:x86-64 output",
    2,
    "STEP_OBJECT_FOREIGN",
    "a32.o",
  ],
  [
    "/usr/bin/ld: lib/x.o: Relocations in generic ELF (EM: 183)\n/usr/bin/ld: lib/x.o: error adding symbols: file in wrong format",
    2,
    "STEP_OBJECT_FOREIGN",
    "lib/x.o",
  ],
  [
    "/usr/bin/ld: skipping incompatible lib/libf.a when searching for -lf\n/usr/bin/ld: cannot find -lf: No such file or directory",
    2,
    "STEP_OBJECT_FOREIGN",
    "lib/libf.a",
  ],
  ["ld.lld: error: main.o is incompatible with elf_x86_64", 1, "STEP_OBJECT_FOREIGN", "main.o"],
  [
    "/app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /app)",
    1,
    "STEP_LIBRARY_MISSING",
    "GLIBC_2.38",
  ],
  [
    "curl: (6) Could not resolve host: nowhere.invalid",
    6,
    "STEP_NETWORK_FAILED",
    "nowhere.invalid",
  ],
  [
    "curl: (7) Failed to connect to example.org port 443 after 0 ms: Couldn't connect to server",
    7,
    "STEP_NETWORK_FAILED",
    "example.org",
  ],
  [
    "wget: unable to resolve host address ‘nowhere.invalid’",
    4,
    "STEP_NETWORK_FAILED",
    "nowhere.invalid",
  ],
  ["wget: bad address 'nowhere.invalid'", 1, "STEP_NETWORK_FAILED", "nowhere.invalid"],
  [
    "npm error code ENOTFOUND\nnpm error network request to http://nowhere.invalid/left-pad failed, reason: getaddrinfo ENOTFOUND nowhere.invalid\nnpm error network This is a problem related to network connectivity.",
    1,
    "STEP_NETWORK_FAILED",
    "http://nowhere.invalid/left-pad",
  ],
  [
    'go: example.org/x@v1.0.0: Get "http://nowhere.invalid/example.org/x/@v/v1.0.0.info": dial tcp: lookup nowhere.invalid on 192.0.2.53:53: no such host',
    1,
    "STEP_NETWORK_FAILED",
    "http://nowhere.invalid/example.org/x/@v/v1.0.0.info",
  ],
  [
    "fatal: unable to access 'https://nowhere.invalid/x.git/': Could not resolve host: nowhere.invalid",
    128,
    "STEP_NETWORK_FAILED",
    "https://nowhere.invalid/x.git/",
  ],
  [
    "Caused by:\n  [6] Could not resolve hostname (Could not resolve host: index.crates.io)",
    101,
    "STEP_NETWORK_FAILED",
    "index.crates.io",
  ],
  [
    "WARNING: fetching https://dl-cdn.alpinelinux.org/alpine/v3.20/main: temporary error (try again later)\nERROR: unable to select packages:\n  curl (no such package):\n    required by: world[curl]",
    1,
    "STEP_NETWORK_FAILED",
    "https://dl-cdn.alpinelinux.org/alpine/v3.20/main",
  ],
  [
    "E: Failed to fetch http://deb.debian.org/debian/pool/main/h/hello/hello_2.10-3_amd64.deb  Temporary failure resolving 'deb.debian.org'\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?",
    100,
    "STEP_NETWORK_FAILED",
    "http://deb.debian.org/debian/pool/main/h/hello/hello_2.10-3_amd64.deb",
  ],
  [
    "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<pip: Failed to establish a new connection: [Errno -2] Name or service not known')': /simple/x/\nERROR: Could not find a version that satisfies the requirement x (from versions: none)\nERROR: No matching distribution found for x",
    1,
    "STEP_NETWORK_FAILED",
    "",
  ],
  ["curl: (22) The requested URL returned error: 404", 22, "STEP_DOWNLOAD_MISSING", "404"],
  ["2026-11-26 14:23:08 ERROR 404: Not Found.", 8, "STEP_DOWNLOAD_MISSING", "404"],
  ["wget: server returned error: HTTP/1.1 404 Not Found", 1, "STEP_DOWNLOAD_MISSING", "404"],
  ["E: Unable to locate package grub-pc-bin", 100, "STEP_PACKAGE_MISSING", "grub-pc-bin"],
  [
    "E: Package 'intel-microcode' has no installation candidate",
    100,
    "STEP_PACKAGE_MISSING",
    "intel-microcode",
  ],
  [
    "ERROR: unable to select packages:\n  grub-bios (no such package):\n    required by: world[grub-bios]",
    1,
    "STEP_PACKAGE_MISSING",
    "grub-bios",
  ],
  [
    "ERROR: Could not find a version that satisfies the requirement tensorflow==1.15 (from versions: 2.18.0)\nERROR: No matching distribution found for tensorflow==1.15",
    1,
    "STEP_PACKAGE_MISSING",
    "tensorflow==1.15",
  ],
  [
    "FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\nAborted",
    134,
    "STEP_OUT_OF_MEMORY",
    "JavaScript heap out of memory",
  ],
  [
    "c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\nmake: *** [Makefile:2: x.o] Error 1",
    2,
    "STEP_OUT_OF_MEMORY",
    "Killed signal terminated program cc1plus",
  ],
  [
    'error: could not compile `app` (bin "app")\nprocess didn\'t exit successfully: `rustc` (signal: 9, SIGKILL: kill)',
    101,
    "STEP_OUT_OF_MEMORY",
    "signal: 9, SIGKILL: kill",
  ],
  ["fork: Cannot allocate memory", 1, "STEP_OUT_OF_MEMORY", "Cannot allocate memory"],
  ["Killed", 137, "STEP_KILLED", '"make"'],
  [
    "write /out/app: no space left on device",
    1,
    "DISK_FULL",
    `the builder's disk, in the step "make"`,
  ],
  ["dd: error writing '/t/x': No space left on device", 1, "DISK_FULL", `/t/x, in the step "make"`],
  [
    "Error: ENOSPC: no space left on device, write",
    1,
    "DISK_FULL",
    `the builder's disk, in the step "make"`,
  ],
  ["bash: line 1: frob: command not found", 127, "STEP_COMMAND_MISSING", "frob"],
  ["/bin/sh: frob: not found", 127, "STEP_COMMAND_MISSING", "frob"],
  ["env: 'node': No such file or directory", 127, "STEP_COMMAND_MISSING", "node"],
  [
    'runc run failed: unable to start container process: exec: "frob": executable file not found in $PATH',
    1,
    "STEP_COMMAND_MISSING",
    "frob",
  ],
  [
    'runc run failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory',
    1,
    "STEP_SHELL_MISSING",
    "/bin/sh",
  ],
  ["/bin/sh: 1: ./run.sh: Permission denied", 126, "STEP_COMMAND_NOT_EXECUTABLE", "./run.sh"],
];

const foreign: readonly Row[] = [
  ["exec /bin/sh: exec format error", 255, "EMULATOR_MISSING", "arm64"],
  [
    "qemu: uncaught target signal 11 (Segmentation fault) - core dumped\nSegmentation fault",
    139,
    "EMULATOR_CRASHED",
    "signal 11",
  ],
  [
    "qemu: uncaught target signal 4 (Illegal instruction) - core dumped",
    1,
    "EMULATOR_CRASHED",
    "signal 4",
  ],
  ["", 132, "EMULATOR_CRASHED", "signal 4"],
  ["Aborted", 134, "EMULATOR_CRASHED", "signal 6"],
  ["", 135, "EMULATOR_CRASHED", "signal 7"],
  [
    "aarch64-binfmt-P: Could not open '/lib/ld-linux-aarch64.so.1': No such file or directory",
    255,
    "STEP_LOADER_MISSING",
    "/lib/ld-linux-aarch64.so.1",
  ],
  [
    "qemu-x86_64-static: Could not open '/lib64/ld-linux-x86-64.so.2': No such file or directory",
    255,
    "STEP_LOADER_MISSING",
    "/lib64/ld-linux-x86-64.so.2",
  ],
  [
    "rosetta error: failed to open elf at /lib64/ld-linux-x86-64.so.2\n Trace/breakpoint trap",
    133,
    "STEP_LOADER_MISSING",
    "/lib64/ld-linux-x86-64.so.2",
  ],
  [
    "rosetta error: unhandled auxillary vector type 29",
    133,
    "ROSETTA_FAILED",
    "unhandled auxillary vector type 29",
  ],
  [
    "assertion failed [inst.has_value()]: failed to decode instruction: 0xf1\nrosetta error: unexpected opcode",
    133,
    "ROSETTA_FAILED",
    "unexpected opcode",
  ],
];

for (const [rows, more] of [
  [native, {}],
  [foreign, emulated],
] as const) {
  for (const [output, exitCode, code, fact] of rows) {
    test(`${code}: ${output.split("\n").at(-1)} (exit code ${exitCode})`, () => {
      const error = diagnose(failedMake(output, exitCode, more));
      assert.equal(error.code, code, error.message);
      assert.ok(Object.values(error.facts).includes(fact), JSON.stringify(error.facts));
    });
  }
}
