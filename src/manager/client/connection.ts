/** Says at the top of the page whether what it shows is still true. */
export type ConnectionSign = Readonly<{ lose(isOut: boolean): void; restore(): void }>;

/** `place`: hidden while all is well. `readTime`: of when is what is shown. */
export function createConnectionSign(place: HTMLElement | null, readTime: () => string): ConnectionSign {
  let isOutBefore = false;
  return {
    lose(isOut) {
      if (!place) return;
      if (!place.hidden && isOut === isOutBefore) return;
      isOutBefore = isOut;
      place.textContent = isOut
        ? `You are not let in any more. Showing ${readTime()}; load the page again to log in.`
        : `Connection lost. Showing ${readTime()}, trying again.`;
      place.setAttribute('role', 'alert');
      place.hidden = false;
    },
    restore() {
      if (!place || place.hidden) return;
      place.hidden = true;
      place.textContent = '';
    },
  };
}
