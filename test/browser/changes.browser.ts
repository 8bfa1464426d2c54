import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { describeInBrowser, openTab, takePicture, type Tab } from './browser.ts';
import { logIn, startSite, type Site } from './site.ts';

describeInBrowser('changes', (browser) => {
  let site: Site;
  let tab: Tab;
  let page: Page;

  beforeEach(async () => {
    site = await startSite();
    tab = await openTab(browser());
    ({ page } = tab);
    await logIn(page, site);
  });

  afterEach(async () => {
    expect(tab.faults.filter((fault) => !fault.includes('status of 422'))).toEqual([]);
    await tab.close();
    await site.close();
  });

  async function unfold(name: string): Promise<Locator> {
    const member = page.locator(`tbody[data-member="${name}"]`);
    await member.locator('summary').first().press('Enter');
    await member.locator('.panel').waitFor();
    return member;
  }

  function stateOf(name: string, state: string): Promise<void> {
    return page.locator(`tbody[data-member="${name}"] .c-state .badge`, { hasText: state }).waitFor();
  }

  async function visitAs(cookie?: string): Promise<string> {
    return (await site.visit(cookie)).text;
  }

  test('a member that is drained keeps its sessions, and new ones go elsewhere; undone, they come back', async () => {
    const member = await unfold('app1');
    const quick = member.locator('form.quick');
    await quick.getByLabel('Reason').fill('deploy');
    await quick.getByRole('button', { name: 'Drain', exact: true }).click();
    await stateOf('app1', 'Draining');
    await page.locator('#messages').getByText('The member is drained').waitFor();
    await member.locator('.notes', { hasText: 'deploy' }).waitFor();
    await takePicture(page, 'drained');
    expect(await visitAs('sid=1.app1')).toBe('app1');
    const fresh = [await visitAs(), await visitAs(), await visitAs(), await visitAs()];
    expect(fresh).not.toContain('app1');
    const log = page.locator('#changes tbody tr', { hasText: 'deploy' });
    await log.getByText('ann', { exact: true }).first().waitFor();

    await member.locator('.notes').getByRole('button', { name: /^Undo/ }).click();
    await stateOf('app1', 'OK');
    await log.locator('.badge', { hasText: 'Undone' }).waitFor();
    expect(await member.locator('.notes').count()).toBe(0);
    const again = [await visitAs(), await visitAs(), await visitAs()];
    expect(again).toContain('app1');
  });

  test('what was unfolded stays so, and a form that was sent is as it is now', async () => {
    const member = await unfold('app1');
    const form = member.locator('form[action$="/forms/change"]').last();
    await form.getByLabel(/^Factor/).fill('5');
    await form.getByLabel('Reason').fill('a stronger machine');
    await form.getByRole('button', { name: 'Save changes' }).click();
    await member.locator('.c-factor', { hasText: /^5$/ }).waitFor();
    await form.locator('input[name="was.loadfactor"][value="5"]').waitFor({ state: 'attached' });
    expect(await form.getByLabel(/^Factor/).inputValue()).toBe('5');
    expect(await form.getByLabel('Reason').inputValue()).toBe('');
    expect(await member.locator('.panel').isVisible()).toBe(true);
  });

  test('a member that is added appears, and is sent requests', async () => {
    await page.getByText('Add a member').click();
    const form = page.locator('form[action$="/forms/add"]');
    await form.getByLabel('URL').fill(`${site.backends.get('app1')!.url}/new/`);
    await form.getByLabel(/^Route/).fill('app4');
    await form.getByRole('button', { name: 'Add member' }).click();
    await stateOf('app4', 'OK');
    expect(await visitAs('sid=1.app4')).toBe('app1');
    await page.locator('tbody[data-member="app4"] .c-elected', { hasText: /^1$/ }).waitFor();
    await form.locator('input[name="url"]:placeholder-shown').waitFor();
    expect(await page.locator('tbody[data-member]').count()).toBe(4);
  });

  test('a member that is removed disappears', async () => {
    const member = await unfold('app3');
    await member.getByRole('button', { name: 'Remove' }).click();
    await member.waitFor({ state: 'detached' });
    expect(site.balancer.view().map(({ name }) => name)).toEqual(['app1', 'app2']);
  });

  test('a change goes back when its time is over', async () => {
    const member = await unfold('app2');
    const quick = member.locator('form.quick');
    await quick.getByLabel('For', { exact: true }).fill('9s');
    await quick.getByRole('button', { name: 'Disable' }).click();
    await stateOf('app2', 'Disabled');
    await member.locator('.notes', { hasText: /for \d\s*s more/ }).waitFor();
    await stateOf('app2', 'OK');
    await page.locator('#changes tbody tr', { hasText: 'Expired' }).waitFor();
  });

  test('what is wrong is said at the form, and the focus is where it can be put right', async () => {
    const member = await unfold('app1');
    const form = member.locator('form[action$="/forms/change"]').last();
    await form.getByLabel(/^Left alone in error/).fill('soon');
    await form.getByRole('button', { name: 'Save changes' }).click();
    await form.getByRole('alert').filter({ hasText: 'retry' }).waitFor();
    const field = form.locator('input[name="retry"]');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await form.locator('input[name="retry"]:focus').waitFor();
    await takePicture(page, 'refused');
    await field.fill('30s');
    await form.getByRole('button', { name: 'Save changes' }).click();
    await form.getByRole('alert').waitFor({ state: 'detached' });
    await page.locator('#messages').getByText('The member is changed.').waitFor();
  });

  test('an edit in progress is not lost when somebody else changes the same member', async () => {
    const member = await unfold('app1');
    const form = member.locator('form[action$="/forms/change"]').last();
    const redirect = form.getByLabel(/^Redirect/);
    await redirect.pressSequentially('app2');
    site.balancer.change('app1', { loadfactor: 7, drain: true });
    // Texts move while somebody writes, what he writes in does not.
    await stateOf('app1', 'Draining');
    expect(await redirect.inputValue()).toBe('app2');
    await member.locator('input[name="redirect"]:focus').waitFor();
    expect(await member.locator('.c-factor').textContent()).toBe('1');
    await redirect.fill('');
    await redirect.blur();
    await member.locator('.c-factor', { hasText: /^7$/ }).waitFor();
  });

  test('where a request would go is answered in place', async () => {
    const form = page.locator('form[action$="/forms/explain"]');
    await form.getByLabel('Path').fill('/shop/cart');
    await form.getByLabel('Cookies').fill('sid=1.app2');
    await form.getByRole('button', { name: 'Explain' }).click();
    await page.locator('[data-explanation] .badge', { hasText: 'app2' }).first().waitFor();
    await takePicture(page, 'explained');
    expect(await form.getByLabel('Cookies').inputValue()).toBe('sid=1.app2');
    expect(site.backends.get('app2')!.received).toEqual([]);
  });
});
