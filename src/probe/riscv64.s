# The probe for linux/riscv64. What it does, and why, stands in program.ts; the five sources say the same thing.
# An ELF program without sections, position-independent, reading and writing only its stack.
# Assembled by program.test.ts: as -march=rv64i -mno-relax, then ld and objcopy -O binary.
# System calls: a7 = number, then a0 a1 a2 a3; Linux, include/uapi/asm-generic/unistd.h.

        .option norvc                   # no compressed instructions, no relaxation: every distance is known here
        .option norelax
        .text
        .set base, 0x400000
        .set page, 4096

# The ELF header and two program headers (System V gABI, chapters 4 and 5).
header: .ascii  "\177ELF"
        .byte   2, 1, 1, 0              # 64 bits, little-endian, version 1, System V
        .quad   0
        .short  2, 243                  # ET_EXEC, EM_RISCV
        .long   1
        .quad   base + 0xb0             # _start: the headers have 64 + 2 * 56 bytes
        .quad   64
        .quad   0                       # no sections
        .long   0                       # flags: soft floats, none used
        .short  64, 56, 2, 0, 0, 0
segments:
        .long   1, 5                    # PT_LOAD, read and execute
        .quad   0, base, base
        .quad   size, size, page
        .long   0x6474e551, 6           # PT_GNU_STACK, read and write: never executable
        .quad   0, 0, 0, 0, 0, 16

_start: ld      s0, 0(sp)               # argc
        addi    s1, sp, 16              # &argv[1]
        li      t0, -(page + 16)        # the buffer
        add     sp, sp, t0
        li      t0, 1
        ble     s0, t0, machine
        ld      t0, 0(s1)
        lbu     t0, 0(t0)
        li      t1, '/'
        bne     t0, t1, exchange

# Every path named: each read's result as a 32-bit number, then that many bytes.
path:   ld      a1, 0(s1)
        beqz    a1, done
        addi    s1, s1, 8
        li      a0, -100                # AT_FDCWD
        li      a2, 0                   # O_RDONLY
        li      a7, 56                  # openat
        ecall
        mv      s2, a0
        li      s3, 63                  # read
        bltz    a0, emit
more:   mv      a0, s2
        addi    a1, sp, 4
        li      a2, page
        mv      a7, s3
        ecall
        li      t0, -21                 # EISDIR
        bne     a0, t0, emit
        li      s3, 61                  # getdents64
        j       more
emit:   sw      a0, 0(sp)
        mv      s4, a0
        mv      a2, a0
        bgez    a0, known
        li      a2, 0
known:  addi    a2, a2, 4
        mv      a1, sp
        jal     write
        bgtz    s4, more
        mv      a0, s2
        li      a7, 57                  # close
        ecall
        j       path

# uname's machine and a newline.
machine:
        mv      a0, sp
        li      a7, 160                 # uname
        jal     expect
        addi    a1, sp, 4 * 65          # struct new_utsname: the fifth name of 65 bytes
        mv      a2, a1
length: addi    a2, a2, 1
        lbu     t0, 0(a2)
        bnez    t0, length
        li      t0, '\n'
        sb      t0, 0(a2)
        addi    a2, a2, 1
        sub     a2, a2, a1
        jal     write
done:   li      a0, 0
        j       exit

# One exchange over a socket, as standard input says: seconds, domain, type, protocol, n, address[n], payload.
exchange:
        li      s0, 0                   # bytes read
fill:   li      a0, 0
        add     a1, sp, s0
        li      a2, page
        sub     a2, a2, s0
        li      a7, 63                  # read
        jal     expect
        add     s0, s0, a0
        bnez    a0, fill
        lbu     s1, 4(sp)               # n
        add     s2, sp, s1
        addi    s2, s2, 5               # payload
        sub     s0, s0, s1
        addi    s0, s0, -5              # its length
        li      a0, 22                  # EINVAL
        bltz    s0, exit
        lbu     t0, 0(sp)               # struct itimerval: interval 0, value = seconds
        addi    sp, sp, -32
        sd      zero, 0(sp)
        sd      zero, 8(sp)
        sd      t0, 16(sp)
        sd      zero, 24(sp)
        li      a0, 0                   # ITIMER_REAL
        mv      a1, sp
        li      a2, 0
        li      a7, 103                 # setitimer
        jal     expect
        addi    sp, sp, 32
        lbu     a0, 1(sp)
        lbu     a1, 2(sp)
        lbu     a2, 3(sp)
        li      a7, 198                 # socket
        jal     expect
        mv      s3, a0
        addi    a1, sp, 5
        mv      a2, s1
        li      a7, 203                 # connect
        jal     expect
        beqz    s0, done
        mv      a0, s3
        mv      a1, s2
        mv      a2, s0
        li      a7, 64                  # write
        jal     expect
        mv      a0, s3
        mv      a1, sp
        li      a2, page
        li      a7, 63                  # read
        jal     expect
        mv      a2, a0
        mv      a1, sp
        jal     write
        j       done

write:  li      a0, 1
        li      a7, 64                  # write
expect: ecall                           # a system call whose failure ends the program with its errno
        bltz    a0, failed
        ret
failed: neg     a0, a0
exit:   li      a7, 93                  # exit
        ecall
end:
        .set size, end - header
