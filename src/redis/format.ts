/** The format in which everything is kept under a prefix; processes of another one share nothing with this. */
export const format = 1;

/** The version of this package, as other processes are told it. */
export const version = '0.8.0';

/** What stands in Redis: `1 0.8.0`. */
export const formatText = `${format} ${version}`;

/** Why nothing is shared with processes that keep another format. `text`: what stands in Redis. */
export function tellOtherFormat(prefix: string, text: string): string {
  const [, number, by] = /^(\d{1,6}) ([\w.+-]{1,40})$/.exec(text) ?? [];
  const theirs =
    number === undefined ? 'in a format that is not known here' : `in format ${number} by version ${by!}`;
  return (
    `state under prefix ${prefix} is kept ${theirs}: this process (format ${format}, ${version}) shares nothing ` +
    'until those processes have ended; or write another prefix'
  );
}
