import type { FrameSource } from "../capture/batch.ts";
import { openLive as openDevice } from "../capture/live.ts";
import { joinGroup, type Membership } from "../capture/membership.ts";
import { MultiSource } from "../capture/multi.ts";
import type { OpenedInput } from "./open-input.ts";
import type { LiveInput } from "./pipeline-job.ts";

/**
 * Opens the capture on each device and then joins the groups, so that nothing that the memberships bring
 * is missed. Closes what it opened when a later one fails.
 */
export function openLive(inputs: readonly LiveInput[]): OpenedInput {
  const sources: FrameSource[] = [];
  const memberships: Membership[] = [];
  const close = (): void => {
    for (const membership of memberships) membership.close();
    for (const source of sources) source.close();
  };
  try {
    for (const { backend, options } of inputs) {
      sources.push(openDevice(backend, options));
    }
    for (const input of inputs) {
      for (const membership of input.memberships) memberships.push(joinGroup(membership));
    }
  } catch (error) {
    close();
    throw error;
  }
  const [only] = sources;
  const source = only !== undefined && sources.length === 1 ? only : new MultiSource(sources);
  return { source, position: () => 0, repeat: () => 1, close };
}
