import { upload } from '../load/transfers.ts';
import { createTransferWorkload } from './transfer.ts';

export const uploads = createTransferWorkload({
  name: 'upload',
  about: 'POSTs of 100 MiB with a Content-Length, 4 at a time',
  members: 'uploads',
  path: '/',
  transfer: upload,
});
