/** One element of an XML document: its name, attributes, and what stands within. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** Reads the plain XML of reference files: elements, attributes and text; no entities, comments or CDATA. */
export function parseXml(text: string): XmlElement {
  const root: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open: XmlElement[] = [root];
  const token = /<\?[^>]*\?>|<\/([\w:]+)>|<([\w:]+)((?:\s+[\w:]+="[^"]*")*)\s*(\/?)>|([^<]+)/g;
  for (const [, close, name, attributes = "", empty, between] of text.matchAll(token)) {
    const parent = open.at(-1);
    if (parent === undefined) throw new Error("more closing tags than elements");
    if (close !== undefined) {
      if (parent.name !== close) throw new Error(`</${close}> closes <${parent.name}>`);
      open.pop();
    } else if (name !== undefined) {
      const pairs = [...attributes.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]);
      const element = { name, attributes: Object.fromEntries(pairs), children: [], text: "" };
      parent.children.push(element);
      if (empty === "") open.push(element);
    } else if (between !== undefined) {
      parent.text += between.trim();
    }
  }
  const [document] = root.children;
  if (document === undefined || open.length !== 1) throw new Error("no whole XML document");
  return document;
}
