# The probe for linux/386. What it does, and why, stands in program.ts; the five sources say the same thing.
# An ELF program without sections, position-independent, reading and writing only its stack.
# Assembled by program.test.ts: as --32, then ld and objcopy -O binary.
# System calls: eax = number, then ebx ecx edx esi; Linux, arch/x86/entry/syscalls/syscall_32.tbl.

        .intel_syntax noprefix
        .text
        .set base, 0x400000
        .set page, 4096

# The ELF header and two program headers (System V gABI, chapters 4 and 5).
header: .ascii  "\177ELF"
        .byte   1, 1, 1, 0              # 32 bits, little-endian, version 1, System V
        .quad   0
        .short  2, 3                    # ET_EXEC, EM_386
        .long   1
        .long   base + _start - header
        .long   segments - header
        .long   0                       # no sections
        .long   0                       # flags
        .short  52, 32, 2, 0, 0, 0
segments:
        .long   1, 0, base, base        # PT_LOAD
        .long   end - header, end - header, 5, page     # read and execute
        .long   0x6474e551, 0, 0, 0     # PT_GNU_STACK
        .long   0, 0, 6, 16             # read and write: never executable

_start: mov     eax, [esp]              # argc
        lea     edi, [esp + 8]          # &argv[1]
        sub     esp, page + 16          # the buffer
        dec     eax
        jz      machine
        mov     ecx, [edi]
        cmp     byte ptr [ecx], '/'
        jne     exchange

# Every path named: each read's result as a 32-bit number, then that many bytes.
path:   mov     ecx, [edi]
        test    ecx, ecx
        jz      done
        add     edi, 4
        mov     ebx, -100               # AT_FDCWD
        xor     edx, edx                # O_RDONLY
        mov     eax, 295                # openat
        int     0x80
        mov     ebp, eax
        mov     esi, 3                  # read
        test    eax, eax
        js      emit
more:   mov     eax, esi
        mov     ebx, ebp
        lea     ecx, [esp + 4]
        mov     edx, page
        int     0x80
        cmp     eax, -21                # EISDIR
        jne     emit
        mov     esi, 220                # getdents64
        jmp     more
emit:   mov     [esp], eax
        xor     edx, edx
        test    eax, eax
        jle     known
        mov     edx, eax
known:  add     edx, 4
        mov     ecx, esp
        push    eax
        call    write
        pop     eax
        test    eax, eax
        jg      more
        mov     ebx, ebp
        mov     eax, 6                  # close
        int     0x80
        jmp     path

# uname's machine and a newline.
machine:
        mov     ebx, esp
        mov     eax, 122                # uname
        call    expect
        lea     ecx, [esp + 4 * 65]     # struct new_utsname: the fifth name of 65 bytes
        mov     edx, ecx
length: inc     edx
        cmp     byte ptr [edx], 0
        jne     length
        mov     byte ptr [edx], '\n'
        inc     edx
        sub     edx, ecx
        call    write
done:   xor     ebx, ebx
        jmp     exit

# One exchange over a socket, as standard input says: seconds, domain, type, protocol, n, address[n], payload.
exchange:
        xor     edi, edi                # bytes read
fill:   xor     ebx, ebx
        lea     ecx, [esp + edi]
        mov     edx, page
        sub     edx, edi
        mov     eax, 3                  # read
        call    expect
        add     edi, eax
        test    eax, eax
        jnz     fill
        movzx   ebp, byte ptr [esp + 4]         # n
        sub     edi, ebp
        sub     edi, 5                          # the payload's length
        mov     ebx, 22                 # EINVAL
        js      exit
        xor     eax, eax                # struct itimerval: interval 0, value = seconds
        movzx   ecx, byte ptr [esp]
        push    eax
        push    ecx
        push    eax
        push    eax
        mov     ecx, esp
        xor     ebx, ebx                # ITIMER_REAL
        xor     edx, edx
        mov     eax, 104                # setitimer
        call    expect
        add     esp, 16
        movzx   ebx, byte ptr [esp + 1]
        movzx   ecx, byte ptr [esp + 2]
        movzx   edx, byte ptr [esp + 3]
        mov     eax, 359                # socket
        call    expect
        mov     esi, eax
        mov     ebx, esi
        lea     ecx, [esp + 5]
        mov     edx, ebp
        mov     eax, 362                # connect
        call    expect
        test    edi, edi
        jz      done
        mov     ebx, esi
        lea     ecx, [esp + ebp + 5]
        mov     edx, edi
        mov     eax, 4                  # write
        call    expect
        mov     ebx, esi
        mov     ecx, esp
        mov     edx, page
        mov     eax, 3                  # read
        call    expect
        mov     edx, eax
        mov     ecx, esp
        call    write
        jmp     done

write:  mov     ebx, 1
        mov     eax, 4                  # write
expect: int     0x80                    # a system call whose failure ends the program with its errno
        test    eax, eax
        js      failed
        ret
failed: mov     ebx, eax
        neg     ebx
exit:   mov     eax, 1                  # exit
        int     0x80
end:
