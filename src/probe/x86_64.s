# The probe for linux/amd64. What it does, and why, stands in program.ts; the five sources say the same thing.
# An ELF program without sections, position-independent, reading and writing only its stack.
# Assembled by program.test.ts: as, then ld and objcopy -O binary.
# System calls: rax = number, then rdi rsi rdx r10; Linux, arch/x86/entry/syscalls/syscall_64.tbl.

        .intel_syntax noprefix
        .text
        .set base, 0x400000
        .set page, 4096

# The ELF header and two program headers (System V gABI, chapters 4 and 5).
header: .ascii  "\177ELF"
        .byte   2, 1, 1, 0              # 64 bits, little-endian, version 1, System V
        .quad   0
        .short  2, 62                   # ET_EXEC, EM_X86_64
        .long   1
        .quad   base + _start - header
        .quad   segments - header
        .quad   0                       # no sections
        .long   0                       # flags
        .short  64, 56, 2, 0, 0, 0
segments:
        .long   1, 5                    # PT_LOAD, read and execute
        .quad   0, base, base
        .quad   end - header, end - header, page
        .long   0x6474e551, 6           # PT_GNU_STACK, read and write: never executable
        .quad   0, 0, 0, 0, 0, 16

_start: mov     ebx, [rsp]              # argc
        lea     r12, [rsp + 16]         # &argv[1]
        sub     rsp, page + 16          # the buffer
        dec     ebx
        jz      machine
        mov     rsi, [r12]
        cmp     byte ptr [rsi], '/'
        jne     exchange

# Every path named: each read's result as a 32-bit number, then that many bytes.
path:   mov     rsi, [r12]
        test    rsi, rsi
        jz      done
        add     r12, 8
        mov     edi, -100               # AT_FDCWD
        xor     edx, edx                # O_RDONLY
        mov     eax, 257                # openat
        syscall
        mov     r13d, eax
        xor     r14d, r14d              # read
        test    eax, eax
        js      emit
more:   mov     eax, r14d
        mov     edi, r13d
        lea     rsi, [rsp + 4]
        mov     edx, page
        syscall
        cmp     eax, -21                # EISDIR
        jne     emit
        mov     r14d, 217               # getdents64
        jmp     more
emit:   mov     [rsp], eax
        mov     ebp, eax
        xor     edx, edx
        test    eax, eax
        cmovg   edx, eax
        add     edx, 4
        mov     rsi, rsp
        call    write
        test    ebp, ebp
        jg      more
        mov     edi, r13d
        mov     eax, 3                  # close
        syscall
        jmp     path

# uname's machine and a newline.
machine:
        mov     rdi, rsp
        mov     eax, 63                 # uname
        call    expect
        lea     rsi, [rsp + 4 * 65]     # struct new_utsname: the fifth name of 65 bytes
        mov     rdx, rsi
length: inc     rdx
        cmp     byte ptr [rdx], 0
        jne     length
        mov     byte ptr [rdx], '\n'
        inc     rdx
        sub     rdx, rsi
        call    write
done:   xor     edi, edi
        jmp     exit

# One exchange over a socket, as standard input says: seconds, domain, type, protocol, n, address[n], payload.
exchange:
        xor     r13d, r13d              # bytes read
fill:   xor     edi, edi
        lea     rsi, [rsp + r13]
        mov     edx, page
        sub     edx, r13d
        xor     eax, eax                # read
        call    expect
        add     r13d, eax
        test    eax, eax
        jnz     fill
        movzx   r12d, byte ptr [rsp + 4]        # n
        lea     r15, [rsp + r12 + 5]            # payload
        sub     r13d, r12d
        sub     r13d, 5                         # its length
        mov     edi, 22                 # EINVAL
        js      exit
        xor     eax, eax                # struct itimerval: interval 0, value = seconds
        movzx   ecx, byte ptr [rsp]
        push    rax
        push    rcx
        push    rax
        push    rax
        mov     rsi, rsp
        xor     edi, edi                # ITIMER_REAL
        xor     edx, edx
        mov     eax, 38                 # setitimer
        call    expect
        add     rsp, 32
        movzx   edi, byte ptr [rsp + 1]
        movzx   esi, byte ptr [rsp + 2]
        movzx   edx, byte ptr [rsp + 3]
        mov     eax, 41                 # socket
        call    expect
        mov     ebx, eax
        mov     edi, ebx
        lea     rsi, [rsp + 5]
        mov     edx, r12d
        mov     eax, 42                 # connect
        call    expect
        test    r13d, r13d
        jz      done
        mov     edi, ebx
        mov     rsi, r15
        mov     edx, r13d
        mov     eax, 1                  # write
        call    expect
        mov     edi, ebx
        mov     rsi, rsp
        mov     edx, page
        xor     eax, eax                # read
        call    expect
        mov     edx, eax
        mov     rsi, rsp
        call    write
        jmp     done

write:  mov     edi, 1
        mov     eax, 1                  # write
expect: syscall                         # a system call whose failure ends the program with its errno
        test    eax, eax
        js      failed
        ret
failed: mov     edi, eax
        neg     edi
exit:   mov     eax, 60                 # exit
        syscall
end:
