const request = require('supertest');
const { expectServed, startMembers } = require('express-proxy-balancer/testing');

test('the kit is there for require() too', async () => {
  const { createApp } = await import('./app.js');
  const members = await startMembers(['blue', 'green']);
  const { app, balancer } = createApp({ members: members.definitions });
  for (let i = 0; i < 2; i++) await request(app).get('/');
  expectServed(members, { blue: 1, green: 1 });
  await balancer.close();
  await members.close();
});
