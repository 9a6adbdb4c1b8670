// Opens reports in a browser and judges them. usage: node look.mjs MODULES OUTPUT REPORT.html...
//
// MODULES: the folder node_modules with puppeteer-core and axe-core. For each report REPORT, writes to OUTPUT: screenshots
// REPORT-WIDTH.png and REPORT-dark.png, REPORT.pdf, and REPORT.json with the numbers and tables of the page. Prints a line
// for each check and ends with 'N passed, N failed'.
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {createRequire} from 'node:module';

const [modules, output, ...reports] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), 'x.js'));
const puppeteer = require('puppeteer-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const widths = [360, 1280, 1920];
// The width of A4 less the margins of the page, in CSS pixels.
const printedWidth = Math.floor((210 - 24) / 25.4 * 96);

let passed = 0;
let failed = 0;

function check(name, problems) {
  if (problems.length === 0) {
    ++passed;
    console.log(`ok      ${name}`);
    return;
  }
  ++failed;
  console.log(`FAILED  ${name}`);
  for (const problem of problems.slice(0, 10)) console.log(`        ${problem}`);
}

/// What sticks out of the page sideways; what scrolls in a box of its own does not.
function overflowing(width) {
  const problems = [];
  for (const element of document.querySelectorAll('body *')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.right <= width + 1) continue;
    let clipped = false;
    for (let parent = element.parentElement; parent; parent = parent.parentElement)
      if (getComputedStyle(parent).overflowX !== 'visible') clipped = true;
    if (!clipped && !element.closest('svg') && !element.closest('.hidden'))
      problems.push(`${element.tagName} "${element.textContent.slice(0, 40)}" ends at ${Math.round(box.right)} of ${width}`);
  }
  if (document.documentElement.scrollWidth > width) problems.push(`the page is ${document.documentElement.scrollWidth} wide`);
  return problems;
}

/// Sections without a text, drawings without a size or without a name.
function empty() {
  const problems = [];
  for (const section of document.querySelectorAll('section'))
    if (section.textContent.trim().length < 20) problems.push(`section ${section.id} is empty`);
  if (document.querySelectorAll('section').length === 0) problems.push('no section');
  for (const drawing of document.querySelectorAll('svg:not([aria-hidden])')) {
    if (!drawing.querySelector('title')?.textContent) problems.push('a drawing without a title');
    const box = drawing.getBoundingClientRect();
    const isShut = drawing.closest('details:not([open])');
    if (!isShut && (box.width < 4 || box.height < 4)) problems.push(`a drawing of ${box.width} x ${box.height}`);
  }
  for (const text of document.body.innerText.split(/\s+/))
    if (['NaN', 'undefined', 'null', 'inf', 'nan'].includes(text)) problems.push(`the text has ${text}`);
  return problems;
}

/// Links that lead nowhere in the page, or out of it.
function deadLinks() {
  const problems = [];
  for (const link of document.querySelectorAll('a')) {
    const href = link.getAttribute('href');
    if (href.startsWith('#') ? !document.getElementById(href.slice(1)) : !href.startsWith('data:text/csv')) problems.push(href.slice(0, 80));
  }
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`id ${id} twice`);
  return problems;
}

/// The numbers of the page: the six, and every table as texts and as CSV.
function facts() {
  const tiles = {};
  for (const tile of document.querySelectorAll('.tiles div'))
    tiles[tile.querySelector('dt').textContent] = {exact: tile.querySelector('data').value, shown: tile.querySelector('data').textContent};
  const tables = {};
  for (const table of document.querySelectorAll('table')) {
    const rows = [...table.querySelectorAll('tbody tr')].map(row => [...row.children].map(cell => cell.textContent));
    tables[table.caption.textContent] = rows;
  }
  const files = {};
  for (const link of document.querySelectorAll('a[download]'))
    files[link.download] = decodeURIComponent(link.getAttribute('href').replace(/^[^,]*,/, ''));
  return {tiles, tables, files, text: document.body.textContent};
}

async function accessibility(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations']}));
  return result.violations.filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => `${found.id} (${found.impact}): ${found.help}: ${found.nodes[0].html.slice(0, 160)}`);
}

async function look(browser, file) {
  const name = path.basename(file, '.html');
  const page = await browser.newPage();
  const noise = [];
  const url = pathToFileURL(path.resolve(file)).href;
  page.on('console', message => noise.push(`console: ${message.type()}: ${message.text()}`));
  page.on('pageerror', error => noise.push(`error: ${error.message}`));
  page.on('dialog', async dialog => { noise.push(`dialog: ${dialog.message()}`); await dialog.dismiss(); });
  page.on('request', request => { if (request.url() !== url) noise.push(`request: ${request.url().slice(0, 100)}`); });

  for (const width of widths) {
    await page.setViewport({width, height: 900});
    await page.goto(url, {waitUntil: 'load'});
    await page.screenshot({path: path.join(output, `${name}-${width}.png`), fullPage: true});
    check(`${name}: nothing sticks out at ${width} pixels`, await page.evaluate(overflowing, width));
    check(`${name}: nothing is empty at ${width} pixels`, await page.evaluate(empty));
  }
  check(`${name}: links and ids`, await page.evaluate(deadLinks));
  check(`${name}: no script, frame, form or style from a name`, await page.evaluate(() =>
    [...document.querySelectorAll('script, iframe, object, embed, form, img, link, base, body style')].map(element => element.outerHTML.slice(0, 100))));
  fs.writeFileSync(path.join(output, `${name}.json`), JSON.stringify(await page.evaluate(facts)));
  await page.setViewport({width: 1280, height: 900});
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
    check(`${name}: axe finds nothing serious, ${scheme}`, await accessibility(page));
  }
  // With all details open, since what is closed is not judged.
  await page.evaluate(() => document.querySelectorAll('details').forEach(details => { details.open = true; }));
  check(`${name}: axe finds nothing serious in the details, dark`, await accessibility(page));
  check(`${name}: nothing in the details is empty`, await page.evaluate(empty));
  await page.goto(url, {waitUntil: 'load'});
  await page.screenshot({path: path.join(output, `${name}-dark.png`), fullPage: true});

  // A dark screen does not make a dark print.
  await page.emulateMediaType('print');
  await page.setViewport({width: printedWidth, height: 1000});
  check(`${name}: nothing sticks out on paper`, await page.evaluate(overflowing, printedWidth));
  check(`${name}: on paper, details are open and the ground is white`, await page.evaluate(() => {
    const problems = [];
    for (const inner of document.querySelectorAll('details .inner'))
      if (!inner.checkVisibility({contentVisibilityAuto: true}) || inner.getBoundingClientRect().height < 10) problems.push(inner.parentElement.id || 'a detail is closed');
    if (getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)') problems.push(getComputedStyle(document.body).backgroundColor);
    return problems;
  }));
  const printed = path.join(output, `${name}.pdf`);
  await page.pdf({path: printed, preferCSSPageSize: true, printBackground: true});
  check(`${name}: a PDF with pages`, fs.statSync(printed).size > 5000 ? [] : [`${fs.statSync(printed).size} bytes`]);
  check(`${name}: no message, error, dialog or request`, noise);
  await page.close();
}

const browser = await puppeteer.launch({
  executablePath: process.env.KOKU_BROWSER ?? '/usr/bin/chromium', headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--font-render-hinting=none'],
});
try {
  for (const report of reports) await look(browser, report);
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
