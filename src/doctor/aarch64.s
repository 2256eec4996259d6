# The doctor's service for linux/arm64: answers every connection to port 8080 with HTTP 200, one after the other. See service.ts.
# An ELF program without sections, writing only its stack. Assembled by service.test.ts: as, then ld and objcopy -O binary.
# System calls: x8 = number, then x0 x1 x2; Linux, include/uapi/asm-generic/unistd.h.

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

_start: sub     sp, sp, page
        mov     x0, 2                   // AF_INET
        mov     x1, 1                   // SOCK_STREAM
        mov     x2, 0
        mov     x8, 198                 // socket
        svc     0
        mov     w19, w0
        adr     x1, address
        mov     x2, 16
        mov     x8, 200                 // bind
        svc     0
        cbnz    w0, failed
        mov     w0, w19
        mov     x1, 16
        mov     x8, 201                 // listen
        svc     0
        cbnz    w0, failed
serve:  mov     w0, w19
        mov     x1, 0
        mov     x2, 0
        mov     x8, 202                 // accept
        svc     0
        tbnz    w0, 31, serve
        mov     w20, w0
        mov     x1, sp
        mov     x2, page
        mov     x8, 63                  // read
        svc     0
        mov     w0, w20
        adr     x1, answer
        mov     x2, end - answer
        mov     x8, 64                  // write
        svc     0
        mov     w0, w20
        mov     x8, 57                  // close
        svc     0
        b       serve
failed: neg     w0, w0
        mov     x8, 93                  // exit
        svc     0

address:
        .short  2                       // AF_INET
        .byte   0x1f, 0x90              // port 8080
        .long   0                       // any address
        .quad   0
answer: .ascii  "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
end:
