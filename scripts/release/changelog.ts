/** The part of CHANGELOG.md that tells of one version. */
type Section = Readonly<{ heading: string; start: number; end: number; body: string }>;

const example = "write what changes below '## Unreleased'";

function listSections(text: string): readonly Section[] {
  const headings = [...text.matchAll(/^## (.+)$/gm)];
  return headings.map(({ 0: line, 1: heading, index }, i) => {
    const end = headings[i + 1]?.index ?? text.length;
    return { heading: heading!.trim(), start: index, end, body: text.slice(index + line.length, end).trim() };
  });
}

/** `0.8.0`, or `0.8.0 (2026-11-22)`. */
function isOf(version: string, { heading }: Section): boolean {
  return heading === version || heading.startsWith(`${version} (`);
}

/** What CHANGELOG.md says of a version, without its heading. Throws an Error where it says nothing. */
export function findNotes(changelog: string, version: string): string {
  const section = listSections(changelog).find((each) => isOf(version, each));
  if (!section?.body) throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return section.body;
}

/**
 * Gives a version its section: `## Unreleased` becomes it, or the one that is there gets its date (`2026-11-22`). Throws an
 * Error where there is nothing to tell, or two sections that would have to be one.
 */
export function dateChanges(changelog: string, version: string, date: string): string {
  const sections = listSections(changelog);
  const unreleased = sections.find(({ heading }) => heading === 'Unreleased');
  const own = sections.find((each) => isOf(version, each));
  if (own && unreleased?.body) {
    throw new Error(`CHANGELOG.md has both '## ${own.heading}' and '## Unreleased': make one of them`);
  }
  const section = own ?? unreleased;
  if (!section?.body) throw new Error(`CHANGELOG.md says nothing of ${version}: ${example}`);
  const renamed = `## ${version} (${date})\n\n${section.body}\n\n`;
  const dated = changelog.slice(0, section.start) + renamed + changelog.slice(section.end);
  // An empty one above is of no use to readers.
  const rest = unreleased && own ? dated.replace(/^## Unreleased\s+/m, '') : dated;
  return `${rest.trimEnd()}\n`;
}
