/** What statfs(2) says of a file system. */
export interface FileSystemCounts {
  /** Bytes in a block. */
  readonly bsize: number;
  /** Blocks: all of them, those not in use, and of those the ones that are not kept for the superuser. */
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  /** Inodes: all of them, and those not in use. */
  readonly files: number;
  readonly ffree: number;
}

/** How full a file system is. */
export interface FileSystemUse {
  /** From 0 to 100, as `df` counts it; undefined for one that stores nothing, such as /proc. */
  readonly usage: number | undefined;
  /** From 0 to 100; undefined where there is no fixed number of inodes, as on Btrfs and FAT. */
  readonly inodeUsage: number | undefined;
  /** What can still be written without special rights. */
  readonly availableBytes: number;
  /** The inodes not in use; undefined where there is no fixed number of them. */
  readonly availableInodes: number | undefined;
}

/**
 * Says how full a file system is. As `df` does (POSIX, "df", Percentage Used), the blocks that are kept for the superuser
 * count as neither used nor available: at 100 % nobody else can write.
 */
export function fileSystemUse({ bsize, blocks, bfree, bavail, files, ffree }: FileSystemCounts): FileSystemUse {
  const used = blocks - bfree;
  const available = Math.min(bavail, bfree); // Where the reserve is in use, BSD's negative count reads as a huge one.
  return {
    usage: used + available > 0 ? (100 * used) / (used + available) : undefined,
    inodeUsage: files > 0 ? (100 * (files - ffree)) / files : undefined,
    availableBytes: available * bsize,
    availableInodes: files > 0 ? ffree : undefined,
  };
}
