import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser, openTab, takePicture, type Tab } from './browser.ts';
import { logIn, startSite, startVisits, type Site } from './site.ts';

describeInBrowser('200 members', (browser) => {
  let site: Site;
  let tab: Tab;
  let page: Page;
  let stop: () => void;

  beforeEach(async () => {
    site = await startSite({ members: 200 });
    tab = await openTab(browser());
    ({ page } = tab);
    stop = startVisits(site, 10);
    await logIn(page, site);
  });

  afterEach(async () => {
    stop();
    expect(tab.faults).toEqual([]);
    await tab.close();
    await site.close();
  });

  /** Resolves when the page has shown so many further seconds. */
  async function seconds(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      const shown = await page.locator('[data-cell="page/at"]').textContent();
      await page.locator('[data-cell="page/at"]').filter({ hasNotText: shown! }).waitFor();
    }
  }

  test('leave the page quick: what does not move is not touched, and nothing blocks it', async () => {
    await page.locator('.legend li').nth(7).waitFor();
    await seconds(2);
    await page.evaluate(`
      window.seen = { seconds: 0, changes: 0, nodes: 0, blocked: 0 };
      new MutationObserver((records) => {
        seen.changes += records.length;
        for (const { addedNodes } of records) for (const node of addedNodes) if (node.nodeType === 1) seen.nodes += 1;
      }).observe(document.querySelector('.members'), { subtree: true, childList: true, characterData: true, attributes: true });
      new MutationObserver(() => {
        seen.seconds += 1;
      }).observe(document.querySelector('[data-cell="page/at"]'), { subtree: true, childList: true, characterData: true });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) if (duration >= 200) seen.blocked += 1;
      }).observe({ type: 'longtask' });
    `);
    await seconds(5);
    const seen = await page.evaluate<Record<'seconds' | 'changes' | 'nodes' | 'blocked', number>>('seen');
    // A hundred requests a second move the texts of as many members, ten to fourteen each.
    expect(seen.changes).toBeGreaterThan(100);
    expect(seen.changes).toBeLessThan((seen.seconds + 1) * 110 * 14);
    // Texts become others in their places: no row is made anew.
    expect(seen.nodes).toBe(0);
    // A pause of the machine may fall into one.
    expect(seen.blocked).toBeLessThan(seen.seconds / 2);
    await takePicture(page, 'many');
  });

  test('are found by their names and routes, and those that are not ok by a switch', async () => {
    const rows = page.locator('tbody[data-member]:visible');
    const filter = page.getByRole('search');
    const words = filter.getByLabel('Filter');
    const onlyBad = filter.getByLabel('Only those not ok');
    const count = filter.locator('output');
    await words.fill('app17');
    // app17 and app170 to app179.
    await count.filter({ hasText: '11 of 200 members' }).waitFor();
    expect(await rows.count()).toBe(11);
    await words.fill('');
    site.balancer.change('app42', { disabled: true });
    await onlyBad.check();
    await count.filter({ hasText: '1 of 200 members' }).waitFor();
    expect(await rows.getAttribute('data-member')).toBe('app42');
    site.balancer.change('app43', { drain: true });
    await count.filter({ hasText: '2 of 200 members' }).waitFor();
    await onlyBad.uncheck();
    expect(await rows.count()).toBe(200);
  });

  test('share charts of the eight busiest, and of whom one chooses', async () => {
    const rate = page.locator('[data-chart="shop"][data-measure="rate"]').first();
    const legend = rate.locator('.legend li');
    await legend.nth(7).waitFor();
    expect(await legend.count()).toBe(8);
    await rate.locator('summary').click();
    const drawn = rate.getByRole('checkbox', { checked: true });
    expect(await drawn.count()).toBe(8);
    await drawn.first().uncheck();
    await rate.getByRole('checkbox', { name: 'app150', exact: true }).check();
    await legend.filter({ hasText: 'app150' }).waitFor();
    expect(await legend.count()).toBe(8);
    await rate.getByRole('button', { name: 'Draw the busiest' }).click();
    await legend.filter({ hasText: 'app150' }).waitFor({ state: 'detached' });
  });

  test('stay where they are while one reads and writes among them', async () => {
    const member = page.locator('tbody[data-member="app120"]');
    await member.locator('summary').first().click();
    const reason = member.locator('form.quick').getByLabel('Reason');
    await reason.pressSequentially('half a sent');
    const before = await member.boundingBox();
    site.balancer.change('app120', { loadfactor: 3 });
    site.balancer.change('app1', { loadfactor: 3 });
    await page.locator('tbody[data-member="app1"] .c-factor', { hasText: /^3$/ }).waitFor();
    await seconds(2);
    expect(await reason.inputValue()).toBe('half a sent');
    await member.locator('input[name="reason"]:focus').first().waitFor();
    expect((await member.boundingBox())?.y).toBe(before?.y);
    await reason.fill('');
    await reason.blur();
    await member.locator('.c-factor', { hasText: /^3$/ }).waitFor();
    expect(await member.locator('.panel').isVisible()).toBe(true);
    const scrolled = await page.evaluate('scrollY');
    await member.getByRole('button', { name: 'Disable' }).click();
    await page.locator('#messages').getByText('The member is changed.').waitFor();
    await member.locator('.c-state .badge', { hasText: 'Disabled' }).waitFor();
    expect(await page.evaluate('scrollY')).toBe(scrolled);
  });
});
