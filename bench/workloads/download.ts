import { download } from '../load/transfers.ts';
import { createTransferWorkload } from './transfer.ts';

export const downloads = createTransferWorkload({
  name: 'download',
  about: 'answers of 100 MiB, 4 at a time',
  members: 'web',
  path: '/100m',
  transfer: download,
});
