// The server gives uPlot's module under this name, beside the scripts of the page.
export { default } from 'uplot';
