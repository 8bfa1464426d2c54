import { afterEach, expect, test } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import { describeInBrowser, findViolations, openTab, takePicture, type Tab } from './browser.ts';
import { logIn, startSite, startVisits, type Site } from './site.ts';

const looks: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['laptop', { colorScheme: 'light', viewport: { width: 1280, height: 800 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  [
    'dark phone',
    { colorScheme: 'dark', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  ],
];

describeInBrowser('everybody', (browser) => {
  let site: Site;
  let tab: Tab;

  afterEach(async () => {
    await tab.close();
    await site.close();
  });

  test.each(looks)('can use the page: %s', async (name, options) => {
    site = await startSite({ members: 12 });
    tab = await openTab(browser(), options);
    const { page, faults } = tab;
    const stop = startVisits(site, 5);
    try {
      site.balancer.change('app2', { drain: true });
      site.balancer.change('app3', { disabled: true });
      await logIn(page, site);
      await page.locator('.legend li').nth(7).waitFor();
      await takePicture(page, name.replace(' ', '-'));
      expect(await findViolations(page)).toEqual([]);

      const member = page.locator('tbody[data-member="app1"]');
      await member.locator('summary').first().press('Enter');
      await member.locator('canvas').first().waitFor();
      const quick = member.locator('form.quick');
      await quick.getByLabel('For', { exact: true }).fill('20m');
      await quick
        .getByLabel('Reason')
        .fill('a deploy that takes longer than usual, because of the migration');
      await quick.getByRole('button', { name: 'Drain', exact: true }).click();
      await member.locator('.notes').waitFor();
      const folded = page.locator('details:not([open]) > summary:visible');
      while ((await folded.count()) > 0) await folded.first().press('Enter');
      const question = page.locator('form[action$="/forms/explain"]');
      await question.getByLabel('Path').fill('/shop');
      await question.getByRole('button', { name: 'Explain' }).click();
      await page.locator('[data-explanation] table').waitFor();
      await member.scrollIntoViewIfNeeded();
      await takePicture(page, `${name.replace(' ', '-')}-unfolded`);
      expect(await findViolations(page)).toEqual([]);
      // Nothing is cut off: the page itself never scrolls sideways.
      const width = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(width).toBe(0);
      const hidden = await page.evaluate<number>(
        '(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector(".members").parentElement)',
      );
      expect(hidden).toBe(0);
      expect(faults).toEqual([]);
    } finally {
      stop();
    }
  });

  test('can work with the keyboard alone', async () => {
    site = await startSite();
    tab = await openTab(browser());
    const { page, faults } = tab;
    await logIn(page, site);
    const member = page.locator('tbody[data-member="app1"]');
    await member.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    const focused = page.locator(':focus');
    for (let i = 0; i < 40 && (await focused.textContent()) !== 'Disable'; i += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await member.locator('.c-state', { hasText: 'Disabled' }).waitFor();
    await member.getByRole('button', { name: 'Enable' }).waitFor();
    // Where one was one still is, although the row was made anew around it.
    expect(await member.locator(':focus').count()).toBe(1);
    expect(faults).toEqual([]);
  });
});
