import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeInBrowser, openTab, takePicture, type Tab } from './browser.ts';
import { logIn, startSite, type Site } from './site.ts';

describeInBrowser('the page without JavaScript', (browser) => {
  let site: Site;
  let tab: Tab;

  beforeEach(async () => {
    site = await startSite();
    tab = await openTab(browser(), { javaScriptEnabled: false });
    await logIn(tab.page, site);
  });

  afterEach(async () => {
    await tab.close();
    await site.close();
  });

  test('shows how things are when it is loaded', async () => {
    const { page } = tab;
    const elected = page.locator('tbody[data-member="app1"] .c-elected');
    expect((await elected.textContent())?.trim()).toBe('0');
    await site.visit();
    await page.getByRole('link', { name: 'Reload' }).click();
    expect((await elected.textContent())?.trim()).toBe('1');
  });

  test('makes changes by plain forms, and says what was done', async () => {
    const { page } = tab;
    const member = page.locator('tbody[data-member="app1"]');
    await member.locator('summary').first().click();
    await member.getByRole('button', { name: 'Drain', exact: true }).click();
    await page.getByRole('status').filter({ hasText: 'The member is drained' }).waitFor();
    expect(await member.locator('.c-state').textContent()).toContain('Draining');
    expect(site.balancer.view()[0]!.status).toContain('N');
    await takePicture(page, 'without-javascript');
    await member.locator('.notes').getByRole('button', { name: /^Undo/ }).click();
    await page.getByRole('status').filter({ hasText: 'The change is undone.' }).waitFor();
    expect(await member.locator('.c-state').textContent()).not.toContain('Draining');
  });

  test('says what is wrong, and shows the form as it was filled in', async () => {
    const { page } = tab;
    const member = page.locator('tbody[data-member="app2"]');
    await member.locator('summary').first().click();
    const form = member.locator('form[action$="/forms/change"]').last();
    await form.getByLabel(/^Left alone in error/).fill('soon');
    await form.getByRole('button', { name: 'Save changes' }).click();
    await page.getByRole('alert').filter({ hasText: 'retry' }).waitFor();
    expect(await form.getByLabel(/^Left alone in error/).inputValue()).toBe('soon');
  });
});
