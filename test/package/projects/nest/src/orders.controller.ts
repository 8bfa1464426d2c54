import { Body, Controller, Get, Post } from '@nestjs/common';

/** What Nest answers by itself, beside the balancer. */
@Controller('orders')
export class OrdersController {
  readonly #orders: unknown[] = [];

  @Get()
  list(): readonly unknown[] {
    return this.#orders;
  }

  @Post()
  add(@Body() order: unknown): { count: number } {
    return { count: this.#orders.push(order) };
  }
}
