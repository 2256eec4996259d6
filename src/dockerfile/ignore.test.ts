import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { IgnoreFileError, isIgnored, mayHoldExceptions, parseIgnoreFile } from "./ignore.ts";

/** A pattern (or a whole file of them), what it leaves out, and what it does not. */
const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  // Names stand for themselves, at the context's root, with all that lies under them.
  ["docs", ["docs", "docs/a", "docs/a/b"], ["doc", "docs2", "a/docs"]],
  ["a/b", ["a/b", "a/b/c"], ["a", "a/c", "x/a/b"]],
  ["/docs", ["docs", "docs/a"], ["a/docs"]],
  ["docs/", ["docs", "docs/a"], ["a/docs"]],
  ["./docs//a/../b", ["docs/b"], ["docs/a"]],
  ["  docs  ", ["docs"], []],
  ["docs\r\nsrc\r\n", ["docs", "src"], []],
  ["abc.def", ["abc.def"], ["abcdef", "abcZdef"]],
  ["c++", ["c++", "c++/a"], ["c", "cc"]],
  ["a(b)c/def", ["a(b)c/def"], ["a(b)c/xyz"]],
  ["a.|)$(}+{bc", ["a.|)$(}+{bc"], ["a"]],
  ["dist/proxy-2.4.0rc3+g08-py3-none-any.whl", ["dist/proxy-2.4.0rc3+g08-py3-none-any.whl"], []],
  ["dist/*.whl", ["dist/proxy-2.4.0rc3+g08-py3-none-any.whl"], ["dist", "proxy.whl"]],
  // A star and a question mark stay within a name.
  ["*", ["a", "a/b"], []],
  ["*.go", ["a.go", "a.go/b"], ["a.js", "x/a.go"]],
  ["*c", ["abc"], ["abd"]],
  ["a*", ["a", "abc", "ab/c"], ["ba"]],
  ["a*/b", ["abc/b"], ["a/c/b"]],
  ["a*b*c*d*e*/f", ["axbxcxdxe/f", "axbxcxdxexxx/f"], ["axbxcxdxe/xxx/f", "axbxcxdxexxx/fff"]],
  ["a*b?c*x", ["abxbbxdbxebxczzx"], ["abxbbxdbxebxczzy"]],
  ["a/*.txt", ["a/file.txt"], ["a/dir/file.txt"]],
  ["abc?def", ["abcZdef"], ["abcdef"]],
  ["a?b", ["a\u263ab"], ["a/b"]],
  ["a???b", [], ["a\u263ab"]],
  ["a*b", ["ab", "axb"], ["a/b"]],
  [".*", [".foo", ".git/config"], ["foo"]],
  // Two stars go through directories, or through none.
  ["**", ["file", "file/", "dir/file", "dir/file/"], []],
  ["**/", ["file", "file/", "dir/file"], []],
  ["**/**", ["file", "dir/file"], []],
  ["dir/**", ["dir/file", "dir/dir2/file"], ["dir", "other"]],
  ["abc/**", ["abc/def", "abc/def/ghi"], ["abc"]],
  ["**/dir", ["dir", "dir/file", "a/dir", "a/b/dir/c"], ["adir"]],
  ["**/dir2/*", ["dir/dir2/file", "dir2/file"], ["dir2"]],
  ["**/dir2/**", ["dir/dir2/dir3/file"], ["dir/dir2"]],
  ["**file", ["file", "dir/file", "dir/dir/file", "a/myfile"], ["file2"]],
  ["**/file", ["dir/file", "dir/dir/file"], ["dir/myfile"]],
  ["**/file*", ["dir/dir/file", "dir/dir/file.txt"], []],
  ["**/file*txt", ["dir/dir/file.txt"], []],
  ["**/file*.txt*", ["dir/dir/file.txt", "file1.txt2"], []],
  ["**/*.txt", ["file.txt", "a/b/file.txt"], ["file.txt2"]],
  ["**/**/*.txt", ["dir/dir/file.txt", "file.txt"], []],
  ["**/**/*.txt2", [], ["dir/dir/file.txt"]],
  ["a**/*.txt", ["a/file.txt", "a/dir/file.txt", "a/dir/dir/file.txt"], []],
  ["a/*.txt**", ["a/file.txt", "a/b.txt2"], []],
  ["a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["a/xb"]],
  ["**/foo/bar", ["foo/bar", "dir/foo/bar", "dir/dir2/foo/bar"], ["foo/bars"]],
  ["**/.foo", [".foo", "a/.foo"], ["bar.foo"]],
  // Brackets.
  ["ab[c]", ["abc"], ["abd"]],
  ["a[b-d]e", ["ace"], ["ae", "aae"]],
  ["a[^b-d]e", ["aze"], ["ace"]],
  ["ab[e-g]", [], ["abc"]],
  ["ab[^c]", [], ["abc"]],
  ["a[^a]b", ["a\u263ab"], []],
  ["a[^a][^a][^a]b", [], ["a\u263ab"]],
  ["[a-\u03b6]*", ["\u03b1"], []],
  ["*[a-\u03b6]", [], ["A"]],
  [String.raw`[\]a]`, ["]", "a"], ["b"]],
  [String.raw`[\-x]`, ["x", "-"], ["a"]],
  [String.raw`[x\-]`, ["x", "-"], ["z"]],
  ["a[[:digit:]]", ["a1"], ["ab"]],
  ["[!a]b", ["!b", "ab"], ["cb"]],
  // A backslash takes a character's meaning away.
  [String.raw`a\*b`, ["a*b"], ["ab", "axb"]],
  [String.raw`a\\`, ["a\\"], ["a"]],
  [String.raw`\#a`, ["#a"], ["a"]],
  [String.raw`\!a`, ["!a"], ["a"]],
  // What is no pattern.
  ["", [], ["a"]],
  ["# docs\n\n   \n", [], ["docs", "# docs"]],
  [" # docs", ["# docs"], ["docs"]],
  ["\u{feff}docs", ["docs"], []],
  ["docs\n\u{feff}src", ["docs"], ["src"]],
  [".", [], ["a"]],
  ["/", [], ["a"]],
  ["../a", [], ["a"]],
  ["*", [], [".", "", "/", "./"]],
  // Exceptions: the last pattern that matches decides.
  ["!a.go\n*.go", ["a.go"], []],
  ["*.go\n!a.go", ["b.go"], ["a.go"]],
  ["docs\n!docs/README.md", ["docs", "docs/a"], ["docs/README.md"]],
  ["docs/\n! /docs/README.md", ["docs/a"], ["docs/README.md"]],
  ["docs/*\n!docs/README.md", ["docs/a"], ["docs", "docs/README.md"]],
  ["docs\n  !docs/README.md", [], ["docs/README.md"]],
  ["**\n!util/docker/web", ["util/docker"], ["util/docker/web/foo"]],
  ["**\n!util/docker/web\nutil/docker/web/foo", ["util/docker/web/foo"], ["util/docker/web/bar"]],
  ["**\n!dist/*.whl", ["dist", "dist/a"], ["dist/proxy-2.4.0rc3+g08-py3-none-any.whl"]],
  ["*\n!src\nsrc/**/*.test.ts", ["a", "src/a/b.test.ts"], ["src/a/b.ts"]],
  // An exception that brings nothing back at a directory brings nothing back below it either.
  ["a/b\n!a", ["a/b"], ["a", "a/c"]],
];

for (const [text, ignored, kept] of cases)
  test(`a file of ${JSON.stringify(text)}`, () => {
    const patterns = parseIgnoreFile(text);
    for (const path of ignored) assert.equal(isIgnored(path, patterns), true, path);
    for (const path of kept) assert.equal(isIgnored(path, patterns), false, path);
  });

const refused: readonly (readonly [string, number])[] = [
  ["!", 1],
  ["a\n! ", 2],
  ["a\n\n# b\n[", 4],
  ["a[", 1],
  ["[^", 1],
  ["[^bc", 1],
  ["[]a]", 1],
  ["[-]", 1],
  ["[x-]", 1],
  ["[-x]", 1],
  ["[a-b-c]", 1],
  ["\\", 1],
  ["[Local-Only]/", 1],
  ["a*[", 1],
  ["[[:nothing:]]", 1],
  [String.raw`a*\q`, 1],
  ["a".repeat(65_536), 1],
];

for (const [text, line] of refused)
  test(`BuildKit refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.throws(
      () => parseIgnoreFile(text),
      (error) => error instanceof IgnoreFileError && error.line === line,
    );
  });

const directories: readonly (readonly [string, string, boolean])[] = [
  ["docs", "docs", false],
  ["docs\n!docs/README.md", "docs", true],
  ["docs\n!docs/README.md", "docs/a", false],
  ["docs\n!src/a", "docs", false],
  ["*\n!src", "src", false],
  ["*\n!src/*.ts", "src", true],
  ["*\n!src/*.ts", "node_modules", false],
  ["*\n!**/README.md", "node_modules", true],
  ["*\n!a*/b", "node_modules", true],
];

for (const [text, directory, isPossible] of directories)
  test(`of ${JSON.stringify(text)} ${directory} ${isPossible ? "may hold" : "holds no"} exceptions`, () => {
    assert.equal(mayHoldExceptions(directory, parseIgnoreFile(text)), isPossible);
  });

const names = fc.constantFrom("a", "b", "ab", "a.b", "*", "!a", "[", "\u263a", "..", "");
const pieces = fc.constantFrom("a", "b", "*", "**", "/", "?", "[a-b]", "!", ".", "\\*", " ", "\n");

test("any path is ignored or not, and a directory that is passed by holds nothing that is not", () => {
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 12 }),
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(names).map((list) => list.join("/")),
      ),
      (parts, path) => {
        let patterns;
        try {
          patterns = parseIgnoreFile(parts.join(""));
        } catch (error) {
          assert.ok(error instanceof IgnoreFileError);
          return;
        }
        if (isIgnored(path, patterns)) return;
        for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
          const directory = path.slice(0, at);
          const isAbove = path.startsWith("/") || path.split("/").includes("..");
          if (isAbove || !isIgnored(directory, patterns)) continue;
          assert.ok(mayHoldExceptions(directory, patterns), directory);
        }
      },
    ),
  );
});
