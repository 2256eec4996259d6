/** What a rule is: one kind of thing that verify finds, with the page that explains it. */

export interface Rule {
  /** Permanent: scripts and waivers depend on it. */
  readonly id: string;
  /** One line, without a full stop. */
  readonly title: string;
  /** What it looks at, and when it speaks. */
  readonly what: string;
  /** Why that matters, and who says so: the kernel, a loader, the engine. */
  readonly why: string;
  /** A case, as a Dockerfile or a listing. */
  readonly example: string;
  /** How it is mended, in general. */
  readonly fix: string;
}
