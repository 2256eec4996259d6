/** `/etc/ld.so.cache`, in glibc's old and new format (glibc, `sysdeps/generic/dl-cache.h`, `elf/dl-cache.c`, `elf/cache.c`). */

export interface LoaderCache {
  /** In the file's order, which is the order in which the loader compares. */
  readonly entries: readonly LoaderCacheEntry[];
}

export interface LoaderCacheEntry {
  /** `libc.so.6`. */
  readonly soname: string;
  /** `/lib/x86_64-linux-gnu/libc.so.6`. */
  readonly path: string;
  /** `FLAG_ELF_LIBC6` and the architecture's bits (`dl-cache.h`): 0x0303 is x86-64, 0x0a03 aarch64, 0x0903 arm hard float. */
  readonly flags: number;
  /** The subdirectory of glibc-hwcaps, such as `x86-64-v3`, where the entry has one. */
  readonly hwcap?: string;
}
