// The page and its policy as read-only data of the program. The build defines
// the two paths.

    .section .rodata
    .globl headroom_dashboard_page
    .globl headroom_dashboard_page_end
headroom_dashboard_page:
    .incbin PAGE_FILE
headroom_dashboard_page_end:
    .globl headroom_dashboard_policy
    .globl headroom_dashboard_policy_end
headroom_dashboard_policy:
    .incbin POLICY_FILE
headroom_dashboard_policy_end:

    .section .note.GNU-stack, "", %progbits
