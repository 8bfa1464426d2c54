/** Colours for light and for dark; texts have 4.5 : 1 and more against what they stand on (WCAG AA). */
export const colours = `:root {
  color-scheme: light dark;
  --ground: #f6f8fa; --panel: #ffffff; --raised: #f6f8fa; --line: #d1d9e0; --soft: #e6eaef;
  --text: #1f2328; --muted: #59636e; --link: #0550ae; --focus: #0969da;
  --button: #f6f8fa; --button-hover: #eaeef2; --primary: #0a58b0; --on-primary: #ffffff; --field: #ffffff; --field-line: #818b98;
  --ok: #116329; --ok-ground: #dafbe1; --info: #0a3f8a; --info-ground: #ddf0ff; --warn: #7a4700; --warn-ground: #fff3c9;
  --bad: #a40e26; --bad-ground: #ffebe9; --off: #424a53; --off-ground: #e6eaef;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --panel: #151b23; --raised: #1c2430; --line: #3d444d; --soft: #262d36;
    --text: #e6edf3; --muted: #9ba6b2; --link: #7cb8ff; --focus: #4493f8;
    --button: #212830; --button-hover: #2c343e; --primary: #1f6feb; --on-primary: #ffffff; --field: #0d1117; --field-line: #6e7681;
    --ok: #6fdd8b; --ok-ground: #12321c; --info: #9ccbff; --info-ground: #122d4d; --warn: #f0c04a; --warn-ground: #362a08;
    --bad: #ff9c95; --bad-ground: #46171a; --off: #c2cad3; --off-ground: #2c343e;
  }
}`;
