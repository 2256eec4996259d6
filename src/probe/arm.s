@ The probe for linux/arm. What it does, and why, stands in program.ts; the five sources say the same thing.
@ An ELF program without sections, position-independent, reading and writing only its stack; ARMv5 serves v6 and v7.
@ Assembled by program.test.ts: as -march=armv5te, then ld and objcopy -O binary.
@ System calls: r7 = number, then r0 r1 r2 r3; Linux, arch/arm/tools/syscall.tbl (EABI).

        .arm
        .text
        .set base, 0x400000
        .set page, 4096

@ The ELF header and two program headers (System V gABI, chapters 4 and 5).
header: .ascii  "\177ELF"
        .byte   1, 1, 1, 0              @ 32 bits, little-endian, version 1, System V
        .quad   0
        .short  2, 40                   @ ET_EXEC, EM_ARM
        .long   1
        .long   base + _start - header
        .long   segments - header
        .long   0                       @ no sections
        .long   0x05000000              @ EABI version 5
        .short  52, 32, 2, 0, 0, 0
segments:
        .long   1, 0, base, base        @ PT_LOAD
        .long   end - header, end - header, 5, 0x10000  @ read and execute; pages may have 64 KiB
        .long   0x6474e551, 0, 0, 0     @ PT_GNU_STACK
        .long   0, 0, 6, 16             @ read and write: never executable

_start: ldr     r4, [sp]                @ argc
        add     r5, sp, #8              @ &argv[1]
        sub     sp, sp, #page
        sub     sp, sp, #16             @ the buffer
        cmp     r4, #1
        ble     machine
        ldr     r1, [r5]
        ldrb    r1, [r1]
        cmp     r1, #'/'
        bne     exchange

@ Every path named: each read's result as a 32-bit number, then that many bytes.
path:   ldr     r1, [r5], #4
        cmp     r1, #0
        beq     done
        mvn     r0, #99                 @ AT_FDCWD
        mov     r2, #0                  @ O_RDONLY
        mov     r7, #256
        add     r7, r7, #66             @ openat, 322
        svc     #0
        mov     r6, r0
        mov     r8, #3                  @ read
        cmp     r0, #0
        blt     emit
more:   mov     r0, r6
        add     r1, sp, #4
        mov     r2, #page
        mov     r7, r8
        svc     #0
        cmn     r0, #21                 @ EISDIR
        bne     emit
        mov     r8, #217                @ getdents64
        b       more
emit:   str     r0, [sp]
        mov     r9, r0
        movs    r2, r0
        movmi   r2, #0
        add     r2, r2, #4
        mov     r1, sp
        bl      write
        cmp     r9, #0
        bgt     more
        mov     r0, r6
        mov     r7, #6                  @ close
        svc     #0
        b       path

@ uname's machine and a newline.
machine:
        mov     r0, sp
        mov     r7, #122                @ uname
        bl      expect
        add     r1, sp, #4 * 65         @ struct new_utsname: the fifth name of 65 bytes
        mov     r2, r1
length: ldrb    r3, [r2, #1]!
        cmp     r3, #0
        bne     length
        mov     r3, #'\n'
        strb    r3, [r2], #1
        sub     r2, r2, r1
        bl      write
done:   mov     r0, #0
        b       exit

@ One exchange over a socket, as standard input says: seconds, domain, type, protocol, n, address[n], payload.
exchange:
        mov     r4, #0                  @ bytes read
fill:   mov     r0, #0
        add     r1, sp, r4
        rsb     r2, r4, #page
        mov     r7, #3                  @ read
        bl      expect
        add     r4, r4, r0
        cmp     r0, #0
        bne     fill
        ldrb    r5, [sp, #4]            @ n
        add     r6, sp, r5
        add     r6, r6, #5              @ payload
        sub     r4, r4, r5
        subs    r4, r4, #5              @ its length
        mov     r0, #22                 @ EINVAL
        bmi     exit
        ldrb    r2, [sp]                @ struct itimerval: interval 0, value = seconds
        mov     r0, #0
        mov     r1, #0
        mov     r3, #0
        push    {r0, r1, r2, r3}
        mov     r1, sp                  @ r0: ITIMER_REAL
        mov     r2, #0
        mov     r7, #104                @ setitimer
        bl      expect
        add     sp, sp, #16
        ldrb    r0, [sp, #1]
        ldrb    r1, [sp, #2]
        ldrb    r2, [sp, #3]
        mov     r7, #256
        add     r7, r7, #25             @ socket, 281
        bl      expect
        mov     r8, r0
        add     r1, sp, #5
        mov     r2, r5
        mov     r7, #256
        add     r7, r7, #27             @ connect, 283
        bl      expect
        cmp     r4, #0
        beq     done
        mov     r0, r8
        mov     r1, r6
        mov     r2, r4
        mov     r7, #4                  @ write
        bl      expect
        mov     r0, r8
        mov     r1, sp
        mov     r2, #page
        mov     r7, #3                  @ read
        bl      expect
        mov     r2, r0
        mov     r1, sp
        bl      write
        b       done

write:  mov     r0, #1
        mov     r7, #4                  @ write
expect: svc     #0                      @ a system call whose failure ends the program with its errno
        cmp     r0, #0
        bxge    lr
        rsb     r0, r0, #0
exit:   mov     r7, #1                  @ exit
        svc     #0
end:
