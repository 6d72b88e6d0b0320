import { hostname } from "node:os";
import { EXIT, type ExitCode, usageError } from "../report/error.ts";
import type { Config } from "../settings/table.ts";
import { type WrittenKeys, writeKeyPair } from "../wire/curve-files.ts";
import { terminal } from "./terminal.ts";

/** `rscap keygen`: makes a CURVE key pair and prints its public key on a line of its own. */
export async function runKeygen(
  config: Pick<Config, "curveKeys">,
  names: readonly string[],
  print: (text: string) => void = terminal.out,
  explain: (text: string) => void = terminal.err,
): Promise<ExitCode> {
  const name = keyName(names);
  const written = writeKeyPair(config.curveKeys, name);
  print(`${written.publicKey}\n`);
  explain(keygenAdvice(written));
  return EXIT.ok;
}

function keyName(names: readonly string[]): string {
  const [given, ...others] = names;
  if (others.length > 0) {
    throw usageError(
      "keygen.name",
      `rscap keygen: expected one name, got ${names.length}: ${names.join(", ")}.`,
    );
  }
  const name = given ?? hostname();
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
  throw usageError(
    "keygen.name",
    `rscap keygen: expected a name of at most 64 letters, digits and . _ -, got "${name}".`,
  );
}

function keygenAdvice({ publicFile, secretFile }: WrittenKeys): string {
  return (
    `${secretFile}: the secret key; it stays here, in the folder that --curve-keys names.\n` +
    `${publicFile}: the public key printed above. Copy it into the --curve-keys folder of the ends that bind, which let\n` +
    "it in; the ends that connect to this one name it by --curve-server-key.\n"
  );
}
