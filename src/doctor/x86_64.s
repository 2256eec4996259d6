# The doctor's service for linux/amd64: answers every connection to port 8080 with HTTP 200, one after the other. See service.ts.
# An ELF program without sections, writing only its stack. Assembled by service.test.ts: as, then ld and objcopy -O binary.
# System calls: rax = number, then rdi rsi rdx; Linux, arch/x86/entry/syscalls/syscall_64.tbl.

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

_start: sub     rsp, page
        mov     edi, 2                  # AF_INET
        mov     esi, 1                  # SOCK_STREAM
        xor     edx, edx
        mov     eax, 41                 # socket
        syscall
        mov     r12d, eax
        mov     edi, eax
        lea     rsi, [rip + address]
        mov     edx, 16
        mov     eax, 49                 # bind
        syscall
        test    eax, eax
        jnz     failed
        mov     edi, r12d
        mov     esi, 16
        mov     eax, 50                 # listen
        syscall
        test    eax, eax
        jnz     failed
serve:  mov     edi, r12d
        xor     esi, esi
        xor     edx, edx
        mov     eax, 43                 # accept
        syscall
        test    eax, eax
        js      serve
        mov     r13d, eax
        mov     edi, eax
        mov     rsi, rsp
        mov     edx, page
        xor     eax, eax                # read
        syscall
        mov     edi, r13d
        lea     rsi, [rip + answer]
        mov     edx, end - answer
        mov     eax, 1                  # write
        syscall
        mov     edi, r13d
        mov     eax, 3                  # close
        syscall
        jmp     serve
failed: mov     edi, eax
        neg     edi
        mov     eax, 60                 # exit
        syscall

address:
        .short  2                       # AF_INET
        .byte   0x1f, 0x90              # port 8080
        .long   0                       # any address
        .quad   0
answer: .ascii  "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
end:
