/** What the script looks for in the page; the list at the top of page/parts.ts tells what each one is. */
export const hooks = {
  list: '[data-list]',
  part: '[data-part]',
  cell: '[data-cell]',
  details: 'details[data-details]',
  chart: '[data-chart]',
  balancer: '[data-balancer]',
  member: '[data-member]',
  tools: '[data-tools]',
  explanation: '[data-explanation]',
  messages: '#messages',
  announcer: '#announcer',
  connection: '#connection',
  token: 'input[name="token"]',
} as const;

/** Marks what the script has made: it is not the server's to take away. */
export const madeHere = 'data-made';
