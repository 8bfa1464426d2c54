// `npm run audit`: known weaknesses of what is installed with the package. A registry that answers no audits is told of, and no failure.
import { spawnSync } from 'node:child_process';

type Report = Readonly<{
  error?: Readonly<{ code?: string; summary?: string }>;
  message?: string;
  metadata?: Readonly<{ vulnerabilities: Readonly<Record<string, number>> }>;
}>;

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
const report = JSON.parse(stdout) as Report;
const found = report.metadata?.vulnerabilities;
if (found === undefined) {
  console.warn(
    `Left out: the registry answers no audits (${report.error?.summary || report.message || 'no reason given'})`,
  );
} else {
  console.log(`known vulnerabilities: ${found['total'] ?? 0}`);
  process.exitCode = found['total'] === 0 ? 0 : 1;
}
