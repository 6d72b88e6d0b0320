/**
 * rtnetlink (rtnetlink(7)): interfaces, addresses and routes straight from the kernel, so that neither /sys
 * nor /proc need be there (a chroot, another network namespace). Messages are parsed with every length
 * checked.
 */
import { addressOf, alloc } from "../memory.ts";
import { AF_NETLINK, SOCK_CLOEXEC, SOCK_RAW } from "./constants.ts";
import { errno, libc } from "./libc.ts";

export const RTM_NEWLINK = 16;
export const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
export const RTM_GETROUTE = 26;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 1;
const NLM_F_DUMP = 0x300;
const NLMSG_HEADER_BYTES = 16;
const NLA_TYPE_MASK = 0x3fff;
const RECEIVE_BYTES = 1 << 17;

/** What the kernel answered: messages, or the errno it refused with. */
export interface NetlinkReply {
  readonly messages: readonly NetlinkMessage[];
  /** 0 when all went well. */
  readonly errno: number;
}

/** One message: its type and the octets after the header. */
export interface NetlinkMessage {
  readonly type: number;
  readonly body: Uint8Array;
}

/** Asks once and collects the answer. `dump` asks for all objects of the kind. */
export function netlinkRequest(type: number, body: Uint8Array, dump: boolean): NetlinkReply {
  const { socket, send, recv, close } = libc();
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return { messages: [], errno: errno() };
  try {
    const request = alloc(NLMSG_HEADER_BYTES + body.length);
    const view = new DataView(request.buffer);
    view.setUint32(0, request.length, true);
    view.setUint16(4, type, true);
    view.setUint16(6, NLM_F_REQUEST | (dump ? NLM_F_DUMP : 0), true);
    view.setUint32(8, 1, true);
    request.set(body, NLMSG_HEADER_BYTES);
    if (send(fd, addressOf(request), request.length, 0) < 0) return { messages: [], errno: errno() };
    const buf = alloc(RECEIVE_BYTES);
    const messages: NetlinkMessage[] = [];
    for (;;) {
      const received = recv(fd, addressOf(buf), buf.length, 0);
      if (received < 0) return { messages, errno: errno() };
      const end = parseMessages(buf.subarray(0, received), messages);
      if (end !== null) return { messages, errno: end };
      if (!dump || received === 0) return { messages, errno: 0 };
    }
  } finally {
    close(fd);
  }
}

/**
 * Adds the messages in `buf` to `messages` (their bodies copied). The errno when the answer is over (0 for a
 * regular end), null when more may come.
 */
export function parseMessages(buf: Uint8Array, messages: NetlinkMessage[]): number | null {
  const view = new DataView(buf.buffer, buf.byteOffset, buf.length);
  for (let at = 0; at + NLMSG_HEADER_BYTES <= buf.length; ) {
    const length = view.getUint32(at, true);
    if (length < NLMSG_HEADER_BYTES || at + length > buf.length) return null;
    const type = view.getUint16(at + 4, true);
    if (type === NLMSG_DONE) return 0;
    if (type === NLMSG_ERROR) {
      return length >= NLMSG_HEADER_BYTES + 4 ? -view.getInt32(at + NLMSG_HEADER_BYTES, true) : 0;
    }
    messages.push({ type, body: buf.slice(at + NLMSG_HEADER_BYTES, at + length) });
    at += align4(length);
  }
  return null;
}

/** The attributes in `body` from `off` on, by type; a later one of the same type wins. */
export function netlinkAttributes(body: Uint8Array, off: number): Map<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>();
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  for (let at = off; at + 4 <= body.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > body.length) break;
    attributes.set(view.getUint16(at + 2, true) & NLA_TYPE_MASK, body.subarray(at + 4, at + length));
    at += align4(length);
  }
  return attributes;
}

/** One attribute as octets, padded to the next multiple of four. */
export function netlinkAttribute(type: number, value: Uint8Array): Uint8Array {
  const attribute = new Uint8Array(align4(4 + value.length));
  const view = new DataView(attribute.buffer);
  view.setUint16(0, 4 + value.length, true);
  view.setUint16(2, type, true);
  attribute.set(value, 4);
  return attribute;
}

function align4(length: number): number {
  return Math.ceil(length / 4) * 4;
}
