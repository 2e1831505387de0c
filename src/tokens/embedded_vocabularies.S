// The packed vocabularies as read-only data of the program. The build defines
// the two paths.

    .section .rodata
    .balign 64
    .globl headroom_o200k_base
headroom_o200k_base:
    .incbin O200K_BASE_FILE
    .balign 64
    .globl headroom_cl100k_base
headroom_cl100k_base:
    .incbin CL100K_BASE_FILE

    .section .note.GNU-stack, "", %progbits
