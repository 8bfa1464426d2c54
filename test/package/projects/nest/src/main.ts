import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { register } from 'prom-client';
import { attachUpgrades } from 'express-proxy-balancer';
import { createManager } from 'express-proxy-balancer/manager';
import { registerMetrics } from 'express-proxy-balancer/metrics';
import type { Request, Response } from 'express';
import { AppModule } from './app.module.js';
import { BalancerErrorFilter } from './balancer-error.filter.js';
import { Shop } from './shop.js';

async function start(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['error', 'warn'] });
  app.setGlobalPrefix('api');
  app.enableShutdownHooks();
  app.useGlobalFilters(new BalancerErrorFilter());

  const { balancer } = app.get(Shop);
  registerMetrics(register, [balancer]);
  app.use('/manager', createManager({ authorize: 'loopback-only' }));
  app.use('/metrics', async (_req: Request, res: Response) => {
    res.type(register.contentType).send(await register.metrics());
  });

  // Before Nest's body parser, which comes with listen(): members get each body as the client has sent it.
  app.use(balancer);

  await app.listen(0, '127.0.0.1');
  attachUpgrades(app.getHttpServer(), app.getHttpAdapter().getInstance());
  console.log(`listening on ${(app.getHttpServer().address() as AddressInfo).port}`);
}

void start();
