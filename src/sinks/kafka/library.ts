import type { Connection, ConnectionPool, Reader } from "@platformatic/kafka";
import { FrameGuard } from "./frame-guard.ts";

/** The Kafka client library. It takes 0.3 s to load, so only those wait for it who need it. */
export type KafkaLibrary = typeof import("@platformatic/kafka");

let library: Promise<KafkaLibrary> | null = null;

/** Loads the library, once. */
export function loadKafka(): Promise<KafkaLibrary> {
  library ??= import("@platformatic/kafka").then((loaded) => {
    hardenReader(loaded.Reader);
    return loaded;
  });
  return library;
}

/** Says that a broker's answer makes no sense. */
export class BadAnswer extends Error {
  override readonly name = "BadAnswer";
}

/**
 * Makes the library's reader of answers refuse what would send it backwards or past the end: with a negative length it
 * would read the same octets for ever, or fill the memory.
 */
function hardenReader(reader: typeof Reader): void {
  const { prototype } = reader;
  const { readUnsignedVarInt, readNullableString, readNullableBytes, readVarIntBytes } = prototype;
  prototype.skip = function (length: number) {
    // Not `remaining`: a reader over a buffer that grows does not know its length.
    if (!(length >= 0 && length <= this.buffer.length - this.position))
      throw new BadAnswer("a field is longer than the answer");
    this.position += length;
    return this;
  };
  prototype.readUnsignedVarInt = function () {
    const value = readUnsignedVarInt.call(this);
    if (!(value >= 0)) throw new BadAnswer("a length is negative");
    return value;
  };
  prototype.readNullableString = function (...options) {
    return forward(this, () => readNullableString.apply(this, options));
  };
  prototype.readNullableBytes = function (...options) {
    return forward(this, () => readNullableBytes.apply(this, options));
  };
  prototype.readVarIntBytes = function () {
    return forward(this, () => readVarIntBytes.call(this));
  };
}

function forward<T>(reader: Reader, read: () => T): T {
  const before = reader.position;
  const value = read();
  if (reader.position <= before) throw new BadAnswer("a length is negative");
  return value;
}

/**
 * Watches all connections of `pool`: impossible lengths end a connection, and what the library throws over an answer,
 * which would end the process, ends the connection and is told to `onBadAnswer`.
 */
export function guardPool(pool: ConnectionPool, onBadAnswer: (error: unknown) => void): void {
  pool.on("connecting", (event: unknown) => {
    const { connection } = event as { readonly connection: Connection };
    // The pool listens once; an error after that one would be nobody's.
    connection.on("error", () => {});
    connection.on("connecting", () => {
      // The socket is made right after this event.
      queueMicrotask(() => guardSocket(connection.socket, onBadAnswer));
    });
  });
}

function guardSocket(socket: Connection["socket"] | undefined, onBadAnswer: (error: unknown) => void): void {
  if (socket === undefined) return;
  const guard = new FrameGuard();
  const wrap = (): void => {
    const listeners = socket.listeners("data");
    socket.removeAllListeners("data");
    socket.on("data", (chunk: Buffer<ArrayBuffer>) => {
      try {
        // An alert of TLS, to a client that speaks none, is for the library to recognise.
        if (!isTlsAlert(chunk) && !guard.accepts(chunk)) throw new BadAnswer("its length is impossible");
        for (const listener of listeners) listener.call(socket, chunk);
      } catch (error) {
        socket.destroy();
        onBadAnswer(error);
      }
    });
  };
  // After the library's own listener, which begins to listen to what comes.
  socket.once("encrypted" in socket ? "secureConnect" : "connect", wrap);
}

function isTlsAlert(chunk: Uint8Array): boolean {
  return chunk[0] === 0x15 && chunk[1] === 0x03;
}
