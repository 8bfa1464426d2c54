import type { Argument, Item } from './syntax/directive.ts';
import type { Notice } from './httpd-conf.ts';
import type { ConfProblem } from './conf-error.ts';
import { showLine } from './show-line.ts';

/**
 * Where each directive's verdict is written. One that is given several keeps the gravest (dropped, different, taken) and
 * all the reasons, each once.
 */
export type Ledger = Readonly<{
  /** `why`: what it has become, in a few words: `balancer mycluster, member http://app1`. */
  take(item: Item, why: string): void;
  /** It works, but not quite as in httpd. */
  differ(item: Item, why: string): void;
  /** It does nothing here. `why` says what to do instead where there is something. */
  drop(item: Item, why: string): void;
  /** It is wrong: httpd would not start. `at` is what the caret points at. */
  fail(at: Argument, problem: string, advice: string): void;
  /** Whether it has a verdict. */
  has(item: Item): boolean;
  /** In the order of the files' lines as they were read. */
  notices(): readonly Notice[];
  problems(): readonly ConfProblem[];
}>;

/** What reading a text writes besides. */
export type ReadingLedger = Ledger &
  Readonly<{
    /** Told of each item as it is read: that is the order of the notices. */
    enter(item: Item): void;
    /** Something to be told with the item's verdict, without being one: the notice is at least `different`. */
    remark(item: Item, why: string): void;
  }>;

type Kind = Notice['kind'];
type Entry = { kind: Kind | undefined; isRemarked: boolean; whys: Map<string, Kind> };

const gravity: Readonly<Record<Kind, number>> = { taken: 0, different: 1, dropped: 2 };

/** No directive has so much to say that is read. */
const longestText = 500;

/** A ledger with nothing in it. */
export function createLedger(): ReadingLedger {
  const entries = new Map<Item, Entry>();
  const problems = new Map<string, ConfProblem>();

  const enter = (item: Item): Entry => {
    const known = entries.get(item);
    if (known) return known;
    const entry: Entry = { kind: undefined, isRemarked: false, whys: new Map() };
    entries.set(item, entry);
    return entry;
  };
  const judge = (item: Item, kind: Kind, why: string): void => {
    const entry = enter(item);
    if (!entry.whys.has(why)) entry.whys.set(why, kind);
    if (entry.kind === undefined || gravity[kind] > gravity[entry.kind]) entry.kind = kind;
  };

  return {
    enter,
    remark(item, why) {
      const entry = enter(item);
      entry.isRemarked = true;
      if (!entry.whys.has(why)) entry.whys.set(why, 'different');
    },
    take(item, why) {
      judge(item, 'taken', why);
    },
    differ(item, why) {
      judge(item, 'different', why);
    },
    drop(item, why) {
      judge(item, 'dropped', why);
    },
    fail({ place, column, length, lineText }, problem, advice) {
      // Several rules may find the same fault.
      const key = [place.file, place.line, column, problem].join('\n');
      if (problems.has(key)) return;
      problems.set(key, { ...place, column, length, text: lineText, problem, advice });
    },
    has(item) {
      return entries.get(item)?.kind !== undefined;
    },
    notices() {
      return [...entries].flatMap(([item, entry]) =>
        entry.kind ? [writeNotice(item, entry.kind, entry)] : [],
      );
    },
    problems() {
      return sortProblems([...problems.values()]);
    },
  };
}

/** Drops what has no verdict: nothing goes in silence. */
export function dropTheRest(items: readonly Item[], ledger: Ledger): void {
  for (const item of items) {
    if (!ledger.has(item)) ledger.drop(item, `${nameOf(item)} is not known here`);
    if (item.kind === 'section') dropTheRest(item.items, ledger);
  }
}

/** Those of one file by their lines: what nothing has closed is found last. */
function sortProblems(problems: readonly ConfProblem[]): readonly ConfProblem[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  const order = new Map(files.map((file, i) => [file, i]));
  return problems.toSorted(
    (a, b) => order.get(a.file)! - order.get(b.file)! || a.line - b.line || a.column - b.column,
  );
}

function nameOf(item: Item): string {
  return item.kind === 'section' ? `<${item.name}>` : item.name;
}

function writeNotice(item: Item, kind: Kind, { isRemarked, whys }: Entry): Notice {
  return {
    kind: kind === 'taken' && isRemarked ? 'different' : kind,
    directive: showLine(item.text, longestText),
    file: item.place.file,
    line: item.place.line,
    why: showLine(sortWhys(whys, kind).join('; '), 4 * longestText),
  };
}

/** What it has become first, and how it differs then; why it does nothing, before all else. */
function sortWhys(whys: Entry['whys'], kind: Kind): readonly string[] {
  const sign = kind === 'dropped' ? -1 : 1;
  return [...whys]
    .toSorted(([, one], [, other]) => sign * (gravity[one] - gravity[other]))
    .map(([why]) => why);
}
