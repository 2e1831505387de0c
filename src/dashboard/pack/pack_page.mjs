// Joins the page's sources into one HTML document and writes the
// Content-Security-Policy that lets exactly its scripts and styles run.
//
//   node pack_page.mjs PAGE_FOLDER CHARTS_JS CHARTS_CSS OUT_HTML OUT_POLICY
//
// page.html has a line for each thing that goes in: <!-- style -->, <!-- charts -->,
// <!-- app -->. The modules are joined in the order of their imports into one
// scope: each top-level name stands for one thing in all of them.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, charts, chartsStyle, outPage, outPolicy] = process.argv.slice(2);
const read = (name) => readFileSync(join(folder, name), 'utf8');

const IMPORT = /^import \{[^}]*\} from '\.\/([\w-]+\.mjs)';\n/gm;
const TOP_LEVEL_NAME = /^(?:export )?(?:async )?(?:function\*?|const|let|class) (\w+)/gm;

function joinModules(entry) {
  const done = new Set();
  const names = new Map();
  const parts = [];
  const add = (name) => {
    if (done.has(name)) return;
    done.add(name);
    const source = read(name);
    for (const [, imported] of source.matchAll(IMPORT)) add(imported);
    for (const [, top] of source.matchAll(TOP_LEVEL_NAME)) {
      if (names.has(top)) throw new Error(`${top} is defined in ${names.get(top)} and in ${name}`);
      names.set(top, name);
    }
    const body = source.replace(IMPORT, '').replace(/^export /gm, '');
    if (/^\s*(import|export) /m.test(body)) throw new Error(`${name}: an import or export of another form`);
    parts.push(body);
  };
  add(entry);
  return `'use strict';\n(() => {\n${parts.join('\n')}\n})();\n`;
}

const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const scripts = { charts: readFileSync(charts, 'utf8'), app: joinModules('app.mjs') };
const style = `${readFileSync(chartsStyle, 'utf8')}\n${read('style.css')}`;
for (const [name, text] of Object.entries({ ...scripts, style })) {
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${name} holds what would end its element`);
}

const put = (page, mark, html) => {
  const line = `<!-- ${mark} -->`;
  if (page.split(line).length !== 2) throw new Error(`page.html needs one ${line}`);
  return page.split(line).join(html);
};
let page = read('page.html');
page = put(page, 'style', `<style>${style}</style>`);
page = put(page, 'charts', `<script>${scripts.charts}</script>`);
page = put(page, 'app', `<script>${scripts.app}</script>`);

const policy = [
  "default-src 'none'",
  `script-src ${hashOf(scripts.charts)} ${hashOf(scripts.app)}`,
  `style-src ${hashOf(style)}`,
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

writeFileSync(outPage, page);
writeFileSync(outPolicy, policy);
