/** What a configuration may consist of: more is a mistake, or somebody's junk. */
export const limits = {
  /** Characters of one file. */
  file: 4 * 1024 * 1024,
  /** Characters of all lines together, with what has been put in for names. */
  characters: 16 * 1024 * 1024,
  /** Characters of one line, with those it is continued by and what has been put in for names. */
  line: 64 * 1024,
  /** Rows of all files together, those of a macro each time it is used. */
  rows: 200_000,
  files: 1_000,
  /** Sections within sections. */
  sections: 50,
  /** Files that include files (httpd: AP_MAX_INCLUDE_DEPTH). */
  includes: 128,
  /** Folders within an included folder (httpd: AP_MAX_INCLUDE_DIR_DEPTH). */
  folders: 20,
  /** Macros that use macros. */
  macros: 50,
  /** Parameters of a macro: each is looked for in each of its lines. */
  parameters: 100,
  /** So many are told at once. */
  problems: 100,
} as const;
