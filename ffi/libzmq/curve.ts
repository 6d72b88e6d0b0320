import { environmentError } from "../../src/report/error.ts";
import { addressOf, alloc, cString, readCString } from "../memory.ts";
import { libzmq, libzmqVersion, zmqErrorText } from "./libzmq.ts";

/** A CURVE key pair, both keys as 40 characters of Z85 (RFC 26, RFC 32). */
export interface CurveKeyPair {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** 40 characters of Z85 and the NUL. */
const KEY_TEXT_BYTES = 41;

/** A new key pair, by libsodium's randomness. Throws an environment error where libzmq can't encrypt. */
export function makeCurveKeyPair(): CurveKeyPair {
  checkCurve();
  const texts = alloc(2 * KEY_TEXT_BYTES);
  const at = addressOf(texts);
  if (libzmq().zmq_curve_keypair(at, at + KEY_TEXT_BYTES) !== 0) {
    throw environmentError("curve.failed", `libzmq made no key pair: ${zmqErrorText()}.`);
  }
  const pair = { publicKey: readCString(at), secretKey: readCString(at + KEY_TEXT_BYTES) };
  texts.fill(0);
  return pair;
}

/** The public key that belongs to a secret one of 40 characters; null when it is none. */
export function curvePublicKey(secretKey: string): string | null {
  checkCurve();
  const text = alloc(KEY_TEXT_BYTES);
  const secret = cString(secretKey);
  const done = libzmq().zmq_curve_public(addressOf(text), addressOf(secret)) === 0;
  secret.fill(0);
  return done ? readCString(addressOf(text)) : null;
}

/** Throws an environment error where the libzmq that was loaded can't encrypt. */
export function checkCurve(): void {
  const { curve, source, path } = libzmqVersion();
  if (curve) return;
  throw environmentError(
    "curve.missing",
    `--curve-keys needs a libzmq with CURVE; the one in use (${source}, ${path}) has none. ` +
      "Unset RSCAP_LIBZMQ to use the built-in one.",
  );
}
