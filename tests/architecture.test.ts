import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { PROJECT } from "./helpers/run.ts";

/** Files longer than this are to be split. */
const MAX_LINES = 600;

/** Words by which the rooms' table allows another room or file. */
const EVERYTHING_BELOW = "everything below";

interface Source {
  readonly path: string;
  readonly text: string;
  /** The text without comments, its strings still there. */
  readonly code: string;
}

function read(path: string): Source {
  const text = readFileSync(join(PROJECT, path), "utf8");
  // Strings first, so that a `//` within one is no comment.
  const tokens = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/.*/g;
  const code = text.replace(tokens, (token) => (token.startsWith("/") ? "" : token));
  return { path, text, code };
}

const paths = [...new Bun.Glob("{src,ffi,tests,fixtures,bench,scripts}/**/*.ts").scanSync(PROJECT)];
const all = paths.sort().map(read);
/** What goes into the executable: no tests. */
const program = all.filter(({ path }) => /^(src|ffi)\//.test(path) && !path.endsWith(".test.ts"));

/** `src/net`, `ffi`; a file beside the rooms, such as `src/main.ts`, by its own name. */
function roomOf(path: string): string {
  return /^(ffi|src\/[^/]+)(?=\/)/.exec(path)?.[0] ?? path;
}

/** The rooms' table of ARCHITECTURE.md, top to bottom: what each room may import, in words. */
function roomTable(): Map<string, string> {
  const rooms = new Map<string, string>();
  for (const line of readFileSync(join(PROJECT, "ARCHITECTURE.md"), "utf8").split("\n")) {
    const row = /^\| `((?:src|ffi)[^`]*?)\/?` \|.*\| ([^|]*) \|$/.exec(line);
    if (row) rooms.set(row[1] as string, row[2] as string);
  }
  return rooms;
}

/** Modules that `code` imports, for their values or their types. */
function imports(code: string): string[] {
  const statements = /\b(?:from|import)\s*\(?\s*"([^"\n]+)"/g;
  return [...code.matchAll(statements)].map((match) => match[1] as string);
}

/** Imports of project files, as paths from the root. */
function ownImports({ path, code }: Source): string[] {
  return imports(code)
    .filter((module) => module.startsWith("."))
    .map((module) => normalize(join(dirname(path), module)));
}

/** Lines of the files for which `pattern` matches in their code. */
function offenders(sources: readonly Source[], pattern: RegExp): string[] {
  return sources.flatMap(({ path, code }) => (pattern.test(code) ? [path] : []));
}

describe("rooms (the table of ARCHITECTURE.md)", () => {
  const rooms = roomTable();
  const order = [...rooms.keys()];

  test("each folder of src/ has its row", () => {
    const folders = new Set(program.map(({ path }) => roomOf(path)).filter((room) => !room.endsWith(".ts")));
    expect([...folders].filter((folder) => !rooms.has(folder))).toEqual([]);
    expect(order.length).toBeGreaterThan(10);
  });

  /** Why `from` may not import `to`, or null. */
  function forbidden(from: string, to: string): string | null {
    if (from === to || !rooms.has(to)) return null;
    const allowed = rooms.get(from);
    if (allowed === undefined) return "is no room of the table, so it imports none";
    const below = order.indexOf(to) > order.indexOf(from);
    if (allowed === EVERYTHING_BELOW) return below ? null : "imports only go down the table";
    // The native libraries stand aside, at the foot of the table, and throw the errors that all share.
    if (!below && from !== "ffi") return "imports only go down the table";
    const name = to.replace("src/", "");
    return new RegExp(`\\b${name}\\b`).test(allowed) ? null : `its row allows ${allowed}`;
  }

  test("import only what their row allows, and only down the table", () => {
    const wrong = program.flatMap((source) =>
      ownImports(source).flatMap((target) => {
        const why = forbidden(roomOf(source.path), roomOf(target));
        return why === null ? [] : [`${source.path} imports ${target}: ${why}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("import no tests, fixtures, benchmarks or scripts", () => {
    const outside = program.flatMap((source) =>
      ownImports(source)
        .filter((target) => !/^(src|ffi)\/|\.json$/.test(target) || target.endsWith(".test.ts"))
        .map((target) => `${source.path} imports ${target}`),
    );
    expect(outside).toEqual([]);
  });

  test("the rule sees what it should", () => {
    expect(forbidden("src/net", "src/flow")).not.toBeNull();
    expect(forbidden("src/render", "src/capture")).not.toBeNull();
    expect(forbidden("src/report", "src/bits")).not.toBeNull();
    expect(forbidden("ffi", "src/net")).not.toBeNull();
    expect(forbidden("src/net", "src/bits")).toBeNull();
    expect(imports('import { a } from "./a.ts";\nimport "b";\nconst c = await import("./c.ts");')).toEqual([
      "./a.ts",
      "b",
      "./c.ts",
    ]);
  });
});

describe("native code", () => {
  test("bun:ffi is imported in ffi/ alone", () => {
    const users = all.filter(({ code }) => imports(code).includes("bun:ffi")).map(({ path }) => path);
    expect(users.filter((path) => !path.startsWith("ffi/"))).toEqual([]);
    expect(users).toContain("ffi/memory.ts");
  });

  test("ptr is called in ffi/memory.ts alone", () => {
    const importsPtr = /import\s*\{[^}]*\bptr\b[^}]*\}\s*from\s*"bun:ffi"|\bffi\.ptr\b/;
    expect(offenders(all, importsPtr)).toEqual(["ffi/memory.ts"]);
  });
});

describe("files", () => {
  test(`have at most ${MAX_LINES} lines`, () => {
    const long = all
      .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
      .filter(({ lines }) => lines > MAX_LINES);
    expect(long).toEqual([]);
  });

  test("say what each export is, in a comment before it", () => {
    const declaration =
      /^export (?:default )?(?:declare |async |abstract )*(?:function\*?|class|const|let|interface|type) +(\w+)/;
    const bare = program.flatMap(({ path, text }) => {
      const lines = text.split("\n");
      const documented = new Set<string>();
      return lines.flatMap((line, i) => {
        const name = declaration.exec(line)?.[1];
        // Numbers of the C headers speak for themselves, by their C names.
        if (
          name === undefined ||
          (path.startsWith("ffi/") && /^export const [A-Z0-9_]+ = -?[\dx]/.test(line))
        ) {
          return [];
        }
        const before = lines[i - 1] ?? "";
        // One comment may stand before a run of constants, or before the first signature of an overloaded function.
        const inRun = /^export const (\w+) = .*;( \/\/.*)?$/.exec(before)?.[1];
        if (before.endsWith("*/") || documented.has(inRun ?? name)) {
          documented.add(name);
          return [];
        }
        return [`${path}:${i + 1} ${name}`];
      });
    });
    expect(bare).toEqual([]);
  });

  test("have no any, and suppress no check", () => {
    const withoutStrings = all.map(({ path, text, code }) => ({
      path,
      text,
      code: code.replace(/"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, '""'),
    }));
    expect(offenders(withoutStrings, /(?:[:<,|&(]|\bas|=>)\s*any\b(?!\s*[:(.])/)).toEqual([]);
    // Put together here, so that this file has none.
    const suppressed = new RegExp(["@ts", "-(?:ignore|expect-error|nocheck)|biome", "-ignore"].join(""));
    expect(all.filter(({ text }) => suppressed.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
