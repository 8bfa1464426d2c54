import { downloads } from './download.ts';
import { echo } from './echo.ts';
import { failingMember } from './failing-member.ts';
import { post } from './post.ts';
import { slowReaders } from './slow-readers.ts';
import { small } from './small.ts';
import { sticky } from './sticky.ts';
import { tenKib } from './ten-kib.ts';
import { thousandMembers } from './thousand-members.ts';
import { uploads } from './upload.ts';
import type { Workload } from './workload.ts';

/** In the order of the report. */
export const workloads: readonly Workload[] = [
  small,
  tenKib,
  post,
  sticky,
  thousandMembers,
  failingMember,
  downloads,
  uploads,
  echo,
  slowReaders,
];
