import { Module } from '@nestjs/common';
import { OrdersController } from './orders.controller.js';
import { Shop } from './shop.js';

@Module({ controllers: [OrdersController], providers: [Shop] })
export class AppModule {}
