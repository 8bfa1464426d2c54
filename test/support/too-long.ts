/**
 * In milliseconds: far more than anything linear takes on a machine that is busy and stands still at times, and less than
 * what is quadratic takes on a quick one. No measure of speed: that is a benchmark's.
 */
export const tooLong = 60_000;
