import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startConfigured } from '../peers/native-peer.ts';
import { writeNginxDefaults, writeNginxFrame } from '../peers/nginx.ts';
import type { Running } from '../rig/running.ts';
import { files } from './files.ts';

/** One nginx that listens at all of the ports. */
export function startNginxMembers(ports: readonly number[]): Promise<Running> {
  return startConfigured({
    name: 'members (nginx)',
    command: 'nginx',
    args: (file, folder) => ['-e', 'stderr', '-p', folder, '-c', file],
    // The last of them: when it answers, all do.
    port: ports.at(-1)!,
    side: 'other',
    write(_port, folder) {
      for (const [name, bytes] of files) {
        const file = join(folder, name);
        writeFileSync(file, '');
        // Sparse: nothing is on the disk, and the kernel sends its pages of zeros.
        truncateSync(file, bytes);
      }
      return writeConfiguration(ports, folder);
    },
  });
}

function writeConfiguration(ports: readonly number[], folder: string): string {
  return [
    ...writeNginxFrame(folder),
    'http {',
    ...writeNginxDefaults(folder),
    'open_file_cache max=16 inactive=1h;',
    'open_file_cache_valid 1h;',
    'default_type text/plain;',
    'server {',
    ...ports.map((port) => `listen 127.0.0.1:${port};`),
    `root ${folder};`,
    "location / { if ($request_method = POST) { rewrite ^ /read last; } return 200 'ok'; }",
    ...files.map(([name]) => `location = /${name} { }`),
    // `return` alone answers before the body has come. A mirror reads it whole before the rest goes on; then a
    // file that may not be posted to leads to the answer.
    'location = /read { internal; mirror /nowhere; client_max_body_size 1m; client_body_buffer_size 64k; error_page 405 = @ok; try_files /10k =404; }',
    'location = /nowhere { internal; return 204; }',
    "location @ok { return 200 'ok'; }",
    '}',
    '}',
    '',
  ].join('\n');
}
