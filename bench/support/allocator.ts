/** How the image and the systemd unit configure glibc's allocator. */
export const allocatorVariables = { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "131072" } as const;
