/** Memory for pieces of files, used over and over: made anew for each piece it piles up quicker than it is collected. */

/** A piece's bytes. Each connection that is sent a blob has two, one that is read into while the other is on its way. */
export const pieceBytes = 128 * 1024;

export class PieceStock {
  readonly #free: Buffer[] = [];

  /** It holds what it last held. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
  }

  /** Nobody may read or write it any more. */
  giveBack(...pieces: readonly Buffer[]): void {
    this.#free.push(...pieces);
  }
}
