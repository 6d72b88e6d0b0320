/**
 * The bundler plugin for the Kafka client library: its WASM (CRC-32C, LZ4, Snappy) is read from a file beside the
 * module, which an executable does not have; the package has a second form with the octets in its text. And its native
 * CRC is left out: looked for at run time, it would be loaded from whatever folder the executable runs beside.
 */
import { readFileSync } from "node:fs";
import type { BunPlugin } from "bun";

const NATIVE_CRC = "loadNativeCRC32C() ?? wasmCRC32C";

/** The library's module of the CRC without the native one; throws where the text is not as it was. */
export function withoutNativeCrc(source: string): string {
  if (!source.includes(NATIVE_CRC)) {
    throw new Error(`crc32c.js of @platformatic/kafka has no "${NATIVE_CRC}": look how it chooses now`);
  }
  return source.replace(NATIVE_CRC, "wasmCRC32C");
}

/** The plugin. */
export const embedKafka: BunPlugin = {
  name: "embed-kafka",
  setup(build) {
    build.onResolve({ filter: /^@platformatic\/wasm-utils$/ }, ({ importer }) => ({
      path: Bun.resolveSync("@platformatic/wasm-utils/bundled", importer),
    }));
    build.onLoad(
      { filter: /[/\\]@platformatic[/\\]kafka[/\\]dist[/\\]protocol[/\\]crc32c\.js$/ },
      ({ path }) => ({
        contents: withoutNativeCrc(readFileSync(path, "utf8")),
        loader: "js",
      }),
    );
  },
};
