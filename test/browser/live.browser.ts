import { afterEach, expect, test } from '@jest/globals';
import { describeInBrowser, findViolations, openTab, takePicture, type Tab } from './browser.ts';
import { logIn, startSite, startVisits, type Site } from './site.ts';

describeInBrowser('the live page', (browser) => {
  let site: Site;
  let tab: Tab;

  afterEach(async () => {
    await tab.close();
    await site.close();
  });

  test('shows how a count moves, without a reload', async () => {
    site = await startSite();
    tab = await openTab(browser());
    const { page, faults } = tab;
    await logIn(page, site);
    const elected = page.locator('tbody[data-member="app1"] .c-elected');
    await elected.filter({ hasText: /^0$/ }).waitFor();
    await page.evaluate('window.isSamePage = true');
    for (let i = 0; i < 6; i += 1) await site.visit();
    await elected.filter({ hasText: /^2$/ }).waitFor();
    expect(await page.evaluate('window.isSamePage')).toBe(true);
    expect(faults).toEqual([]);
  });

  test('draws charts, with each line named, and their figures for those who do not see them', async () => {
    site = await startSite();
    tab = await openTab(browser());
    const { page, faults } = tab;
    const stop = startVisits(site);
    try {
      await logIn(page, site);
      const rate = page.locator('[data-chart="shop"][data-measure="rate"]').first();
      await rate.locator('canvas').waitFor();
      await rate.locator('.legend li', { hasText: 'app2' }).filter({ hasText: /[1-9]/ }).waitFor();
      await rate.locator('summary').press('Enter');
      const row = rate.getByRole('row', { name: /^app3/ });
      await row.getByRole('cell').nth(2).filter({ hasText: /\d/ }).waitFor();
      await takePicture(page, 'charts');
      expect(faults).toEqual([]);
    } finally {
      stop();
    }
  });

  test('draws the charts of a member while it is unfolded, and takes them away afterwards', async () => {
    site = await startSite();
    tab = await openTab(browser());
    const { page, faults } = tab;
    await logIn(page, site);
    const member = page.locator('tbody[data-member="app1"]');
    expect(await member.locator('canvas').count()).toBe(0);
    await member.locator('summary').first().press('Enter');
    await member.locator('canvas').nth(1).waitFor();
    await member.locator('summary').first().press('Enter');
    await member.locator('canvas').first().waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });

  test('says that a state has changed, and does not read out numbers', async () => {
    site = await startSite();
    tab = await openTab(browser());
    const { page, faults } = tab;
    await logIn(page, site);
    for (let i = 0; i < 3; i += 1) await site.visit();
    await page.locator('tbody[data-member="app1"] .c-elected').filter({ hasText: /^1$/ }).waitFor();
    const announcer = page.locator('#announcer');
    expect(await announcer.textContent()).toBe('');
    site.balancer.change('app2', { drain: true });
    site.balancer.change('app3', { disabled: true });
    await announcer.filter({ hasText: /^app2: Draining. app3: Disabled$/ }).waitFor({ state: 'attached' });
    expect(faults).toEqual([]);
  });

  test('shows those who may only look no form, and everything else', async () => {
    site = await startSite();
    tab = await openTab(browser());
    const { page, faults } = tab;
    await logIn(page, site, 'bob');
    await site.visit();
    await page.locator('tbody[data-member="app1"] .c-elected').filter({ hasText: /^1$/ }).waitFor();
    // Asking where a request would go changes nothing.
    expect(await page.locator('form:not([action$="/explain"])').count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test('says when the connection is lost and of when is what it shows, comes back by itself, and can change things again', async () => {
    site = await startSite();
    tab = await openTab(browser());
    const { page, faults } = tab;
    await logIn(page, site);
    await page.evaluate('window.isSamePage = true');
    await page.locator('.legend li').first().waitFor();
    await site.stop();
    const sign = page.locator('#connection');
    await sign.filter({ hasText: /^Connection lost. Showing \d\d:\d\d:\d\d, trying again.$/ }).waitFor();
    await takePicture(page, 'connection-lost');
    expect(await findViolations(page)).toEqual([]);
    await site.start();
    await sign.waitFor({ state: 'hidden' });
    // The forms have a token of the server that was started since.
    const member = page.locator('tbody[data-member="app1"]');
    await member.locator('summary').first().click();
    await member.getByRole('button', { name: 'Disable' }).click();
    await member.locator('.c-state', { hasText: 'Disabled' }).waitFor();
    expect(await page.evaluate('window.isSamePage')).toBe(true);
    expect(faults.filter((fault) => !fault.includes('net::ERR_'))).toEqual([]);
  });

  test('says so when whoever looks has been logged out', async () => {
    site = await startSite();
    tab = await openTab(browser());
    const { page } = tab;
    await logIn(page, site);
    // Only a page whose script has been loaded can notice.
    await page.locator('.legend li').first().waitFor();
    site.endSessions();
    await site.stop();
    await site.start();
    await page.locator('#connection').filter({ hasText: 'You are not let in any more.' }).waitFor();
  });
});
