import { constants, setPriority } from 'node:os';
import { runAtRate, type RatePlan } from '../rate-run.ts';

/* A process of its own, so that nothing else of the benchmark comes between a request and its time. */

// It never rests, and shares its core with the members: they are to go first, as if it were not there.
setPriority(constants.priority.PRIORITY_LOW);
const { request, ...plan } = JSON.parse(process.argv[2]!) as Omit<RatePlan, 'request'> & { request: string };
const figures = await runAtRate({ ...plan, request: Buffer.from(request, 'base64') });
console.log(JSON.stringify(figures));
process.exit();
