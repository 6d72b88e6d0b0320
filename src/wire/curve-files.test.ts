import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { EXIT, RscapError } from "../report/error.ts";
import { parseCertificate, readKnownKeys, readOwnKeys, readPublicKey, writeKeyPair } from "./curve-files.ts";
import { isKey } from "./z85.ts";

const root = mkdtempSync(join(tmpdir(), "rscap-curve-"));
afterAll(() => rmSync(root, { recursive: true }));
let serial = 0;
let folder = "";
beforeEach(() => {
  folder = join(root, `keys-${serial++}`);
});

function errorOf(run: () => unknown): RscapError {
  try {
    run();
  } catch (error) {
    if (error instanceof RscapError) return error;
    throw error;
  }
  throw new Error("no error came");
}

describe("a key pair", () => {
  test("is written, the secret one for its owner alone, and read again", () => {
    const umask = process.umask(0);
    try {
      const { publicKey, publicFile, secretFile } = writeKeyPair(folder, "probe-1");
      expect(isKey(publicKey)).toBe(true);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(statSync(secretFile).mode & 0o777).toBe(0o600);
      expect(statSync(publicFile).mode & 0o777).toBe(0o644);
      expect([publicFile, secretFile]).toEqual([
        join(folder, "probe-1.key"),
        join(folder, "probe-1.key_secret"),
      ]);
      const own = readOwnKeys(folder);
      expect(own).toMatchObject({ publicKey, notice: null });
      expect(isKey(own.secretKey)).toBe(true);
      expect(readFileSync(publicFile, "utf8")).not.toContain(own.secretKey);
      expect(readKnownKeys(folder)).toEqual([{ name: "probe-1", publicKey }]);
    } finally {
      process.umask(umask);
    }
  });

  test("never overwrites one, and leaves no half behind", () => {
    const { secretFile, publicFile } = writeKeyPair(folder, "a");
    const before = readFileSync(secretFile, "utf8");
    const again = errorOf(() => writeKeyPair(folder, "a"));
    expect([again.exitCode, again.code]).toEqual([EXIT.usage, "curve.exists"]);
    expect(again.message).toContain(secretFile);
    expect(readFileSync(secretFile, "utf8")).toBe(before);
    rmSync(secretFile);
    expect(errorOf(() => writeKeyPair(folder, "a")).message).toContain(publicFile);
    expect(existsSync(secretFile)).toBe(false);
  });

  test("says where it can't be written", () => {
    writeFileSync(join(root, "file"), "");
    const error = errorOf(() => writeKeyPair(join(root, "file"), "a"));
    expect([error.exitCode, error.code]).toEqual([EXIT.environment, "curve.unwritable"]);
    expect(error.message).toContain("--curve-keys (CURVE_KEYS)");
  });
});

describe("what is wrong with a folder", () => {
  test("it is not there, or is none", () => {
    expect(errorOf(() => readOwnKeys(join(root, "nowhere"))).message).toContain("rscap keygen makes one");
    writeFileSync(join(root, "plain"), "");
    expect(errorOf(() => readKnownKeys(join(root, "plain"))).message).toContain("this is no folder");
  });

  test("no secret key, two of them, or one that holds none", () => {
    writeKeyPair(folder, "a");
    writeKeyPair(folder, "b");
    expect(errorOf(() => readOwnKeys(folder)).message).toContain("got 2: a.key_secret, b.key_secret");
    rmSync(join(folder, "a.key_secret"));
    rmSync(join(folder, "b.key_secret"));
    expect(errorOf(() => readOwnKeys(folder)).message).toContain("got none. Make one: rscap keygen");
    writeFileSync(join(folder, "c.key_secret"), 'curve\n    secret-key = "short"\n');
    expect(errorOf(() => readOwnKeys(folder)).message).toContain("expected a line secret-key");
  });

  test("keys that do not belong together, and messages that show no secret", () => {
    const { secretFile } = writeKeyPair(folder, "a");
    const other = writeKeyPair(`${folder}-other`, "b").publicKey;
    const { publicKey, secretKey } = readOwnKeys(folder);
    writeFileSync(
      secretFile,
      readFileSync(secretFile, "utf8").replace(publicKey, () => other),
    );
    const error = errorOf(() => readOwnKeys(folder));
    expect(error.code).toBe("curve.pair");
    expect(error.message).not.toContain(secretKey);
  });

  test("a secret key that everybody can read", () => {
    const { secretFile } = writeKeyPair(folder, "a");
    chmodSync(secretFile, 0o644);
    expect(readOwnKeys(folder).notice).toContain("chmod 600");
  });

  test("a public key file without a key is an error, not a peer fewer; other files are left alone", () => {
    const { publicKey } = writeKeyPair(folder, "a");
    writeFileSync(join(folder, "README"), "keys");
    expect(readKnownKeys(folder)).toHaveLength(1);
    writeFileSync(join(folder, "b.key"), publicKey.slice(1));
    expect(errorOf(() => readKnownKeys(folder)).message).toContain(join(folder, "b.key"));
    writeFileSync(join(folder, "b.key"), " ".repeat(70_000));
    expect(errorOf(() => readPublicKey(join(folder, "b.key"))).code).toBe("curve.certificate");
  });
});

test("certificates of CZMQ and pyzmq are read", () => {
  const key = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
  const secret = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
  const text = `#   ****  Generated by CZMQ  ****\nmetadata\n    email = "a@b"\ncurve\n    public-key = "${key}"\n    secret-key = "${secret}"\n`;
  expect(parseCertificate(text)).toEqual({ publicKey: key, secretKey: secret });
});

test("any text is a certificate with keys or without", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("curve\n", " public-key =", ' "', '"\n', "x".repeat(40), "secret-key='"),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const { publicKey, secretKey } = parseCertificate(pieces.join(""));
      for (const key of [publicKey, secretKey]) expect(key === null || isKey(key)).toBe(true);
    }),
  );
});
