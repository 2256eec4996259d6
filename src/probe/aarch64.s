# The probe for linux/arm64. What it does, and why, stands in program.ts; the five sources say the same thing.
# An ELF program without sections, position-independent, reading and writing only its stack.
# Assembled by program.test.ts: as, then ld and objcopy -O binary.
# System calls: x8 = number, then x0 x1 x2 x3; Linux, include/uapi/asm-generic/unistd.h.

        .text
        .set base, 0x400000
        .set page, 4096

# The ELF header and two program headers (System V gABI, chapters 4 and 5).
header: .ascii  "\177ELF"
        .byte   2, 1, 1, 0              // 64 bits, little-endian, version 1, System V
        .quad   0
        .short  2, 183                  // ET_EXEC, EM_AARCH64
        .long   1
        .quad   base + _start - header
        .quad   segments - header
        .quad   0                       // no sections
        .long   0                       // flags
        .short  64, 56, 2, 0, 0, 0
segments:
        .long   1, 5                    // PT_LOAD, read and execute
        .quad   0, base, base
        .quad   end - header, end - header, 0x10000     // pages may have 64 KiB
        .long   0x6474e551, 6           // PT_GNU_STACK, read and write: never executable
        .quad   0, 0, 0, 0, 0, 16

_start: ldr     x19, [sp]               // argc
        add     x20, sp, 16             // &argv[1]
        sub     sp, sp, page
        sub     sp, sp, 16              // the buffer
        cmp     x19, 1
        b.le    machine
        ldr     x1, [x20]
        ldrb    w1, [x1]
        cmp     w1, '/'
        b.ne    exchange

// Every path named: each read's result as a 32-bit number, then that many bytes.
path:   ldr     x1, [x20], 8
        cbz     x1, done
        mov     x0, -100                // AT_FDCWD
        mov     x2, 0                   // O_RDONLY
        mov     x8, 56                  // openat
        svc     0
        mov     w21, w0
        mov     x22, 63                 // read
        tbnz    w0, 31, emit
more:   mov     w0, w21
        add     x1, sp, 4
        mov     x2, page
        mov     x8, x22
        svc     0
        cmn     w0, 21                  // EISDIR
        b.ne    emit
        mov     x22, 61                 // getdents64
        b       more
emit:   str     w0, [sp]
        mov     w23, w0
        cmp     w0, 0
        csel    w2, w0, wzr, gt
        add     w2, w2, 4
        mov     x1, sp
        bl      write
        cmp     w23, 0
        b.gt    more
        mov     w0, w21
        mov     x8, 57                  // close
        svc     0
        b       path

// uname's machine and a newline.
machine:
        mov     x0, sp
        mov     x8, 160                 // uname
        bl      expect
        add     x1, sp, 4 * 65          // struct new_utsname: the fifth name of 65 bytes
        mov     x2, x1
length: ldrb    w3, [x2, 1]!
        cbnz    w3, length
        mov     w3, '\n'
        strb    w3, [x2], 1
        sub     x2, x2, x1
        bl      write
done:   mov     w0, 0
        b       exit

// One exchange over a socket, as standard input says: seconds, domain, type, protocol, n, address[n], payload.
exchange:
        mov     x19, 0                  // bytes read
fill:   mov     x0, 0
        add     x1, sp, x19
        mov     x2, page
        sub     x2, x2, x19
        mov     x8, 63                  // read
        bl      expect
        add     x19, x19, x0
        cbnz    x0, fill
        ldrb    w20, [sp, 4]            // n
        add     x21, sp, x20
        add     x21, x21, 5             // payload
        sub     x19, x19, x20
        subs    x19, x19, 5             // its length
        mov     w0, 22                  // EINVAL
        b.mi    exit
        ldrb    w3, [sp]                // struct itimerval: interval 0, value = seconds
        stp     x3, xzr, [sp, -16]!
        stp     xzr, xzr, [sp, -16]!
        mov     x0, 0                   // ITIMER_REAL
        mov     x1, sp
        mov     x2, 0
        mov     x8, 103                 // setitimer
        bl      expect
        add     sp, sp, 32
        ldrb    w0, [sp, 1]
        ldrb    w1, [sp, 2]
        ldrb    w2, [sp, 3]
        mov     x8, 198                 // socket
        bl      expect
        mov     w22, w0
        add     x1, sp, 5
        mov     w2, w20
        mov     x8, 203                 // connect
        bl      expect
        cbz     x19, done
        mov     w0, w22
        mov     x1, x21
        mov     x2, x19
        mov     x8, 64                  // write
        bl      expect
        mov     w0, w22
        mov     x1, sp
        mov     x2, page
        mov     x8, 63                  // read
        bl      expect
        mov     x2, x0
        mov     x1, sp
        bl      write
        b       done

write:  mov     w0, 1
        mov     x8, 64                  // write
expect: svc     0                       // a system call whose failure ends the program with its errno
        tbnz    w0, 31, failed
        ret
failed: neg     w0, w0
exit:   mov     x8, 93                  // exit
        svc     0
end:
