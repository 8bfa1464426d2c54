import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { BalancerError } from 'express-proxy-balancer';

/** Failures of the balancer come to Nest's filters, as those of controllers do. */
@Catch(BalancerError)
export class BalancerErrorFilter implements ExceptionFilter<BalancerError> {
  catch({ status, code }: BalancerError, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<Response>().status(status).json({ page: "the app's", code });
  }
}
