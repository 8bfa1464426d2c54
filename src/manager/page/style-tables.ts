/** The tables: as dense as httpd's, their heads in sight, their columns as wide whatever stands in them; cards on a phone. */
export const tableStyle = `
.scroll {
  position: relative; overflow: auto; scroll-padding-top: 2.5rem; container-type: inline-size; max-height: 88vh;
  border-top: 1px solid var(--line);
}
table { width: 100%; border-collapse: separate; border-spacing: 0; }
th, td { padding: 0.3125rem 0.4375rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--soft); }
thead th {
  position: sticky; top: 0; z-index: 2; background: var(--raised); color: var(--muted); font-size: 0.75rem; font-weight: 600;
  white-space: nowrap; border-bottom: 1px solid var(--line);
}
thead th[title] { text-decoration: underline dotted; text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
tbody th { font-weight: 500; }
tbody:last-of-type > tr:last-child > * { border-bottom: 0; }
th:first-child, td:first-child { padding-left: 1rem; }
th:last-child, td:last-child { padding-right: 1rem; }

.members { table-layout: fixed; min-width: 74.5rem; }
.members col { width: 4.375rem; }
.members col.c-name { width: auto; }
.members col.c-state { width: 9.25rem; }
.members col.c-route { width: 4.5rem; }
.members col.c-factor { width: 3.25rem; }
.members col.c-set { width: 2.5rem; }
.members :is(col.c-rate, col.c-to, col.c-from) { width: 3.25rem; }
.members col.c-errors { width: 3.75rem; }
.members col.c-busy { width: 4.5rem; }
.members col.c-elected { width: 5rem; }
.members col.c-health { width: 5.75rem; }
.members col.c-sessions { width: 5rem; }
@media (min-width: 94rem) {
  .members :is(col.c-state, col.c-route, col.c-health) { width: 9.5rem; }
  .members :is(col.c-elected, col.c-busy) { width: 5.25rem; }
}
@media (min-width: 45.01rem) and (max-width: 93.99rem) {
  .members > tbody > tr:first-child > td { font-size: 0.8125rem; }
  .members :is(th, td):not(:first-child, :last-child) { padding-inline: 0.375rem; }
}
:is(.c-factor, .c-set, .c-elected, .c-busy, .c-rate, .c-to, .c-from, .c-errors, .c-p50, .c-p95, .c-p99, .c-sessions) { text-align: right; }
.members tbody > tr:first-child > td:not(.c-state, .c-route, .c-health) { white-space: nowrap; }
.members tbody.member > tr:first-child > * { border-bottom: 0; border-top: 1px solid var(--soft); }
.members thead + tbody.member > tr:first-child > * { border-top: 0; }
.members tbody.member:hover > tr:first-child > * { background: var(--raised); }
.members tbody.member:target > tr:first-child > * { background: var(--info-ground); }
.members tbody.member > tr:not(:first-child) > * { border: 0; padding-block: 0; }
.c-name { overflow-wrap: anywhere; }
.c-name .url { display: block; position: relative; margin-top: 0.4375rem; padding-left: 1.125rem; font-size: 0.75rem; color: var(--muted); text-decoration: none; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.c-name a.url:hover { text-decoration: underline; }
.c-state .second { min-height: 1.2rem; }
.letters { font-size: inherit; }
.letters:not(:empty) { margin-right: 0.375rem; }
summary { cursor: pointer; font-weight: 600; list-style: none; display: flex; align-items: baseline; gap: 0.375rem; overflow-wrap: anywhere; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "\\25b8"; content: "\\25b8" / ""; flex: none; width: 0.75rem; color: var(--muted); }
details[open] > summary::before { content: "\\25be"; content: "\\25be" / ""; }
summary:hover { color: var(--link); }

.beneath { position: sticky; left: 0; width: 100cqi; padding: 0 1rem 0 2.125rem; margin-left: -1rem; }
.notes .beneath { padding-bottom: 0.5rem; }
.panel > td { background: var(--panel); }
.panel .beneath { padding-block: 0.25rem 1rem; }
.panel .charts { padding: 0 0 0.5rem; }
@supports selector(:has(a)) {
  .member .panel { display: none; }
  .member:has(> tr > .c-name > details[open]) .panel { display: table-row; }
}

.log { min-width: 52rem; }
.log:is(.log-failovers, .log-decisions) { table-layout: fixed; }
.log:is(.log-failovers, .log-decisions) th:nth-child(1) { width: 7rem; }
.log:is(.log-failovers, .log-decisions) th:nth-child(2) { width: 30%; }
.log:is(.log-failovers, .log-decisions) th:nth-child(3) { width: 12%; }
.log:is(.log-failovers, .log-decisions) th:nth-child(5) { width: 11rem; }
.error-code { display: block; font-size: 0.6875rem; overflow-wrap: anywhere; }
.log caption { padding: 0.5rem 1rem; text-align: left; color: var(--muted); }
.error-code { color: var(--bad); }
.log time { white-space: nowrap; }
.log .request { overflow-wrap: anywhere; }
.log td > .badge { white-space: nowrap; }
.log .reason { max-width: 20rem; overflow-wrap: anywhere; }
.attempts ol { display: grid; gap: 0.125rem; }
.attempts .second { display: inline; }
.attempts .second::before { content: "\\2013  "; content: "\\2013  " / ""; }
.explanation { padding: 0 1rem 1rem; display: grid; gap: 0.5rem; }
.explanation .scroll { border: 1px solid var(--line); border-radius: 6px; }
.explanation .log { min-width: 0; }
.explanation .badge { margin-right: 0.5rem; }

@media (min-width: 77.5rem) {
  .balancer > .scroll { overflow: visible; max-height: none; }
}

@media (min-width: 45.01rem) and (max-width: 77.49rem) {
  .members { min-width: 78rem; }
  .members .c-name { position: sticky; left: 0; z-index: 1; background: var(--panel); }
  .members thead .c-name { z-index: 3; background: var(--raised); }
}

@media (max-width: 45rem) {
  .scroll { max-height: none; }
  .balancer > .scroll { overflow: visible; }
  .members { display: block; min-width: 0; }
  .members colgroup, .members thead { display: none; }
  .members tbody.member { display: block; padding: 0.5rem 1rem; border-top: 1px solid var(--line); }
  .members tbody.member > tr:first-child { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 0.375rem 0.75rem; }
  .members tbody.member > tr:first-child > * { display: block; padding: 0; border: 0; text-align: left; }
  .members tbody.member > tr:first-child > :is(.c-name, .c-state) { grid-column: 1 / -1; }
  .members tbody.member > tr:first-child > :is(.c-route, .c-health) { grid-column: span 2; }
  .members tbody.member:is(:hover, :target) > tr:first-child > * { background: none; }
  .members tbody.member:target { background: var(--info-ground); }
  .c-state { display: flex !important; flex-wrap: wrap; gap: 0.25rem 0.5rem; align-items: center; }
  .c-state .second { min-height: 0; }
  .members td:not(.c-state)[class]::before { display: block; font-size: 0.6875rem; color: var(--muted); }
  .c-route::before { content: "Route"; }
  .c-factor::before { content: "Factor"; }
  .c-set::before { content: "Set"; }
  .c-elected::before { content: "Elected"; }
  .c-busy::before { content: "Busy"; }
  .c-rate::before { content: "Per s"; }
  .c-to::before { content: "To"; }
  .c-from::before { content: "From"; }
  .c-errors::before { content: "Errors"; }
  .c-p50::before { content: "p50"; }
  .c-p95::before { content: "p95"; }
  .c-p99::before { content: "p99"; }
  .c-health::before { content: "Health"; }
  .c-sessions::before { content: "Sessions"; }
  .members .notes, .members .notes > td, .members .panel > td { display: block; padding: 0 !important; }
  .member:has(> tr > .c-name > details[open]) .panel { display: block; }
  .beneath { position: static; width: auto; margin: 0; padding: 0; }
}`;
