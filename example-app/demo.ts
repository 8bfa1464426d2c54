// `npm run demo`: backends get slow, fail, drain, come and go under a loop of GETs, and none of the GETs fails.
import { createBalancer } from 'express-proxy-balancer';
import { createCluster } from './demo/cluster.ts';
import { begin, print, printTitle, say } from './demo/console.ts';
import { define, startFront } from './demo/front.ts';
import { startLoad, type Answer, type Visitor } from './demo/load.ts';
import { introduce, narrate } from './demo/narrate.ts';
import { createSamples } from './demo/samples.ts';
import { NotShown, Watch } from './demo/stage.ts';
import { steps } from './demo/steps.ts';
import { writeSummary, writeTable, type Done } from './demo/table.ts';
import { choiceMs, tellRequest } from './demo/why.ts';

/** How long a step may take to show what it promises. */
const limitMs = 20_000;

const visitors: readonly Visitor[] = [
  { name: 'ann', session: 'kT3x!app1' },
  { name: 'bob', session: 'Wq8c!app2' },
  { name: 'carol', session: 'm0Zp!app3' },
  ...Array.from({ length: 9 }, (_, i) => ({ name: `visitor ${i + 1}`, session: undefined })),
];

const cluster = createCluster();
const names = ['app1', 'app2', 'app3'] as const;
await Promise.all(names.map((name) => cluster.start(name)));
const balancer = createBalancer(define(cluster, names));
narrate(balancer);
const samples = createSamples();
const front = await startFront(balancer, (coming) => {
  const isTaken = samples.takes(coming);
  const end = begin();
  return (request) => {
    const isTold = request.attempts.length > 1 ? samples.takesFailover(request) : isTaken;
    end(isTold ? tellRequest(request) : undefined, choiceMs(request));
  };
});
introduce(front.url, cluster, names);

const done: Done[] = [];
const faults: string[] = [];
const watch = new Watch(limitMs);
let answers: Answer[] = [];
let hasShown = true;

const load = startLoad(front.url, visitors, (answer) => {
  answers.push(answer);
  if (answer.fault !== undefined) {
    faults.push(answer.fault);
    say(`✗ ${answer.fault}`);
  }
  watch.look();
});

try {
  for (const [i, { title, short, run }] of steps.entries()) {
    answers = [];
    samples.begin();
    done.push({ short, answers });
    printTitle(`${i + 1}. ${title}`);
    await run({
      balancer,
      cluster,
      load,
      visitors,
      answers: () => answers,
      async until(promise, isShown, detail) {
        const tell = (): string => (detail === undefined ? promise : `${promise}: ${detail()}`);
        await watch.until(isShown, tell);
        say(`✓ ${tell()}`);
      },
    });
    // So that the last summary and the table count the same.
    if (i === steps.length - 1) await load.stop();
    say(writeSummary(answers));
  }
} catch (error) {
  if (!(error instanceof NotShown)) throw error;
  hasShown = false;
  say(`✗ ${error.message}`);
}

await load.stop();
await front.end();
await cluster.end();

const total = done.reduce((sum, step) => sum + step.answers.length, 0);
print();
for (const line of writeTable(done)) print(line);
print();
print(`${faults.length} failed GETs of ${total.toLocaleString('en')}`);
process.exitCode = faults.length === 0 && hasShown ? 0 : 1;
