/** Colours text, or leaves it as it is. */
export type Style = (format: "red" | "green" | "yellow" | "bold" | "dim", text: string) => string;

/** The colours of a terminal (ECMA-48, select graphic rendition). */
export const coloured: Style = (format, text) => {
  const codes = { red: [31, 39], green: [32, 39], yellow: [33, 39], bold: [1, 22], dim: [2, 22] };
  return `\u001B[${codes[format][0]}m${text}\u001B[${codes[format][1]}m`;
};

export const plain: Style = (_format, text) => text;
