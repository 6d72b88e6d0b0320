import { z } from "zod";
import { findingSchema } from "../../report/schema.ts";
import type { FindingGroup } from "./finding-watch.ts";

/** Version of the webhook's message. */
export const WEBHOOK_SCHEMA = "rscap.webhook/1";

/** Lines of findings in the text; more are counted. */
const MOST_LINES = 20;

/** What a webhook is sent. */
export const webhookSchema = z.strictObject({
  schema: z.literal(WEBHOOK_SCHEMA),
  status: z.enum(["firing", "resolved"]).describe("firing as long as one of the findings is"),
  time: z.string().describe("when it was made: RFC 3339 in UTC"),
  probe: z.string(),
  stream: z.string().describe("id of the stream, or input when it concerns the capture itself"),
  text: z.string().describe("all of it for a person; Slack, Mattermost and Teams show this"),
  findings: z.array(
    z.strictObject({
      status: z.enum(["firing", "resolved"]),
      added: z.int().nonnegative().describe("occurrences since it was last told"),
      finding: findingSchema.describe("with the whole count so far"),
    }),
  ),
});

/** See `webhookSchema`. */
type WebhookMessage = z.infer<typeof webhookSchema>;

/** The message for `group` as JSON. */
export function webhookBody(group: FindingGroup, now: Date): string {
  const { probe, stream, changes } = group;
  const message: WebhookMessage = {
    schema: WEBHOOK_SCHEMA,
    status: changes.some(({ status }) => status === "firing") ? "firing" : "resolved",
    time: now.toISOString(),
    probe,
    stream,
    text: webhookText(group),
    findings: [...changes],
  };
  return JSON.stringify(message);
}

/** One line for the group, and one for each finding. */
function webhookText({ probe, stream, changes }: FindingGroup): string {
  const firing = changes.filter(({ status }) => status === "firing").length;
  const resolved = changes.length - firing;
  const parts = [
    ...(firing > 0 ? [`${firing} ${firing === 1 ? "finding" : "findings"}`] : []),
    ...(resolved > 0 ? [`${resolved} over`] : []),
  ];
  const lines = changes.slice(0, MOST_LINES).map(({ status, finding, added }) => {
    const pid = finding.pid ?? finding.lastPid;
    const where = pid === undefined ? "" : `, PID ${pid}`;
    if (status === "resolved")
      return `over: ${finding.clause}${where}, ${finding.count} in all. ${finding.text}`;
    const count = added === finding.count ? `count ${added}` : `${added} more, ${finding.count} in all`;
    return `${finding.severity}: ${finding.clause}${where}, ${count}. ${finding.text}`;
  });
  if (changes.length > MOST_LINES) lines.push(`and ${changes.length - MOST_LINES} more`);
  return [`${stream} from probe ${probe}: ${parts.join(", ")}`, ...lines].join("\n");
}
