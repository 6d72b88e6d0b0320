import { expect, test } from "bun:test";
import { withoutNativeCrc } from "./embed-kafka.ts";

test("the native CRC is left out, and a library that chooses otherwise stops the build", async () => {
  const path = new URL("../node_modules/@platformatic/kafka/dist/protocol/crc32c.js", import.meta.url);
  const source = withoutNativeCrc(await Bun.file(path).text());
  expect(source).toContain("export const crc32c = wasmCRC32C;");
  expect(() => withoutNativeCrc("export const crc32c = somethingNew;")).toThrow("look how it chooses now");
});
