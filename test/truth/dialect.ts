/** How the assembler of each machine says what the small programs do: call, print (write(2)), exit (exit_group(2)). */
import type { Architecture } from "./machine.ts";

export interface Dialect {
  readonly head: string;
  /** The beginning of the program. */
  readonly begin: string;
  /** The beginning and the end of a function. */
  readonly enter: string;
  readonly leave: string;
  /** A call through the procedure linkage table. */
  call(name: string): string;
  /** Prints the text at that label, `length` bytes. */
  print(label: string, length: number): string;
  /** Ends the program with exit code 0. */
  readonly exit: string;
  /** The directive that lays down an address. */
  readonly word: ".quad" | ".long";
}

const lines = (text: string) => text.trim().replaceAll(/^\s+/gm, "  ");

/** On i386 calls go through %ebx. */
const base = `
  call 1f
  1: pop %ebx
  add $_GLOBAL_OFFSET_TABLE_+[.-1b], %ebx`;

export const dialects: Readonly<Record<Architecture, Dialect>> = {
  amd64: {
    head: "",
    begin: lines("and $-16, %rsp"),
    enter: lines("sub $8, %rsp"),
    leave: lines("add $8, %rsp\nret"),
    call: (name) => lines(`call ${name}@PLT`),
    print: (label, length) =>
      lines(`
        mov $1, %eax
        mov $1, %edi
        lea ${label}(%rip), %rsi
        mov $${length}, %edx
        syscall`),
    exit: lines("mov $231, %eax\nxor %edi, %edi\nsyscall"),
    word: ".quad",
  },
  i386: {
    head: "",
    begin: lines(`and $-16, %esp${base}`),
    enter: lines(`push %ebx\nsub $8, %esp${base}`),
    leave: lines("add $8, %esp\npop %ebx\nret"),
    call: (name) => lines(`call ${name}@PLT`),
    print: (label, length) =>
      lines(`
        push %ebx
        call 2f
        2: pop %ecx
        add $${label}-2b, %ecx
        mov $4, %eax
        mov $1, %ebx
        mov $${length}, %edx
        int $0x80
        pop %ebx`),
    exit: lines("mov $252, %eax\nxor %ebx, %ebx\nint $0x80"),
    word: ".long",
  },
  arm64: {
    head: "",
    begin: "",
    enter: lines("stp x29, x30, [sp, #-16]!"),
    leave: lines("ldp x29, x30, [sp], #16\nret"),
    call: (name) => lines(`bl ${name}`),
    print: (label, length) =>
      lines(`
        mov x0, #1
        adr x1, ${label}
        mov x2, #${length}
        mov x8, #64
        svc #0`),
    exit: lines("mov x0, #0\nmov x8, #94\nsvc #0"),
    word: ".quad",
  },
  armhf: {
    // Arguments in floating-point registers: what makes an object one of armhf.
    head: ".syntax unified\n.arm\n.eabi_attribute Tag_ABI_VFP_args, 1",
    begin: "",
    enter: lines("push {r7, lr}"),
    leave: lines("pop {r7, pc}"),
    call: (name) => lines(`bl ${name}`),
    print: (label, length) =>
      lines(`
        mov r0, #1
        adr r1, ${label}
        mov r2, #${length}
        mov r7, #4
        svc #0`),
    exit: lines("mov r0, #0\nmov r7, #248\nsvc #0"),
    word: ".long",
  },
};
