// Express 4 under its name in package.json: for what the tests do with it, the types of Express 5 are right.
declare module 'express4' {
  export { default } from 'express';
}
