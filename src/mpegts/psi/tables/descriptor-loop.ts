import { type Descriptor, type DescriptorContext, parseDescriptors } from "../descriptors/descriptor.ts";
import type { LoopReader } from "./loop.ts";

/**
 * The descriptors from where `reader` stands up to `end`, decoded for their place; the reader stands at `end`
 * after it. Where the last one is longer than the loop, the reader notes `descriptor_length`.
 */
export function descriptorsUpTo(reader: LoopReader, end: number, context: DescriptorContext): Descriptor[] {
  const { buf, at } = reader;
  reader.at = end;
  const descriptors = parseDescriptors(buf, at, end - at, context);
  if (descriptors.at(-1)?.malformed === "descriptor_length") reader.fault("descriptor_length");
  return descriptors;
}
