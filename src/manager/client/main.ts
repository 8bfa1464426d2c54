import { createAnnouncer } from './announce.ts';
import { createCells, type Moved } from './cells.ts';
import { createCharts } from './charts.ts';
import { createConnectionSign } from './connection.ts';
import { filterMembers } from './filter.ts';
import { sendFormsInPlace } from './forms.ts';
import { createHistoryStore } from './history-store.ts';
import { hooks } from './hooks.ts';
import { addStyle } from './look.ts';
import type { History } from './messages.ts';
import { createParts } from './parts.ts';
import { listen } from './stream.ts';

// The page came from the manager's own path, and so did this file, whatever stands in front of both.
const base = new URL('../', import.meta.url);
const root = document.body;

addStyle();
const cells = createCells(root);
const store = createHistoryStore();
const charts = createCharts(root, store);
const parts = createParts(root, cells, () => {
  charts.refresh();
});
const announcer = createAnnouncer(document.querySelector(hooks.announcer));
const sign = createConnectionSign(
  document.querySelector(hooks.connection),
  () => document.querySelector('[data-cell="page/at"]')?.textContent ?? 'what it was',
);
const emptySentForms = sendFormsInPlace({
  messages: document.querySelector(hooks.messages),
  explanation: document.querySelector(hooks.explanation),
});
let token = '';
let isWhole = false;

function putToken(next: string): void {
  token = next;
  for (const field of root.querySelectorAll(hooks.token)) field.setAttribute('value', next);
}

/** Only how members are: whoever listens cannot follow numbers. */
function announce(moved: readonly Moved[]): void {
  for (const { cell, id } of moved) {
    const member = cell.closest(hooks.member);
    if (member && id.endsWith('/state'))
      announcer.note(member.getAttribute('data-member')!, cell.textContent);
  }
}

async function loadHistory(): Promise<void> {
  try {
    const answer = await fetch(new URL('api/history', base), { cache: 'no-store' });
    if (!answer.ok) return;
    // Of one build with this script.
    store.load((await answer.json()) as History);
    charts.advance();
  } catch {
    // The charts begin with the next point then.
  }
}

listen(base, {
  onHello({ token: next, zone }) {
    putToken(next);
    charts.setZone(zone);
    isWhole = false;
    void loadHistory();
  },
  onState({ parts: texts = {}, order = {}, cells: news = {} }) {
    const moved = cells.put(news);
    parts.put(texts, order, token);
    parts.catchUp(token);
    emptySentForms();
    filterMembers(root);
    // What was different at first is not news: the page was loaded a moment ago, or nobody has looked.
    if (isWhole) announce(moved);
    isWhole = true;
    sign.restore();
  },
  onBeat() {
    parts.catchUp(token);
    sign.restore();
  },
  onPoint(point) {
    store.add(point);
    charts.advance();
  },
  onLoss: sign.lose,
});
document.addEventListener('focusout', () => {
  // Only once it is clear where the focus goes.
  setTimeout(() => {
    parts.catchUp(token);
  });
});
charts.refresh();
filterMembers(root);
