/**
 * Who says it, and in which words. A prediction is the native kernel's, loader's, runc's or engine's sentence; what stands around
 * it in the output (`OCI runtime create failed: …`, `/srv/app: …`) does not matter. Two things are told in other words here than
 * on a server of that platform, and are translated: what qemu says in the kernel's place, and what an older runc says.
 */

/** Sentences that stand for others: where the pattern is printed, each of these counts as printed. */
const translations: readonly {
  readonly printed: RegExp;
  readonly means: (found: RegExpExecArray, started: string) => readonly string[];
}[] = [
  {
    // qemu opens the loader itself, when the kernel has long let go of the program (linux-user/elfload.c).
    printed: /-binfmt-P: Could not open '[^']*': No such file or directory/,
    means: (_, started) => [`exec ${started}: no such file or directory`],
  },
  {
    // It asks neither for the loader's execute bit nor for its size.
    printed: /-binfmt-P: (\S+): Invalid ELF image for this architecture/,
    means: ([, file], started) =>
      file === started
        ? [`exec ${started}: exec format error`]
        : [
            `exec ${started}: accessing a corrupted shared library`,
            `exec ${started}: permission denied`,
            `exec ${started}: input/output error`,
          ],
  },
  {
    printed: /-binfmt-P: \S+: Error reading file header: Is a directory/,
    means: (_, started) => [`exec ${started}: permission denied`],
  },
  {
    printed: /-binfmt-P: \S+: Error mapping file: Invalid argument/,
    means: (_, started) => [`exec ${started}: exec format error`],
  },
  {
    // Which signal ends it is the emulator's own affair.
    printed: /uncaught target signal \d+|Segmentation fault|Bus error|Illegal instruction/,
    means: () => ["Segmentation fault", "Bus error", "Illegal instruction"],
  },
  {
    // runc of Go before 1.20 asks for a directory's execute bits first (`os/exec`, findExecutable).
    printed: /exec: "([^"]*)": permission denied/,
    means: ([, name = ""]) => [`exec: "${name}": is a directory`],
  },
];

/** Whether that sentence was printed, or one that stands for it. `started` is the path that was executed first. */
export function isPrinted(sentence: string, words: string, started: string): boolean {
  if (words.includes(sentence)) return true;
  return translations.some(({ printed, means }) => {
    const found = printed.exec(words);
    return found !== null && means(found, started).some((one) => one.includes(sentence));
  });
}
