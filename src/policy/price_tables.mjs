// node price_tables.mjs INDEX_JS VERSION DATE OUT: writes the price list of npm's
// @pydantic/genai-prices as C++ tables, see price_tables.h.
//
// Left out: the cheaper hours of a day, and everything that is not paid by the
// token of text. A form that this does not know is an error.
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [indexJs, version, date, out] = process.argv.slice(2);
const { waitForUpdate } = await import(pathToFileURL(indexJs));
const providers = await waitForUpdate(); // what the package has built in

const literal = (text) => {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error(`not printable ASCII: ${text}`);
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("??", "?\\?")}"`;
};
const asciiOnly = (text) => text.replace(/[^\x20-\x7e]/g, "?");

// --- match trees

// RE2 has no look-ahead: ^(?!A)B is "not ^A, and ^B".
function splitNegativeLookahead(pattern) {
  if (!pattern.startsWith("^(?!")) return null;
  let depth = 0;
  for (let at = 1; at < pattern.length; at++) {
    if (pattern[at] === "\\") at++;
    else if (pattern[at] === "(") depth++;
    else if (pattern[at] === ")" && --depth === 0) return [pattern.slice(4, at), pattern.slice(at + 1)];
  }
  throw new Error(`unbalanced: ${pattern}`);
}

const OPERATIONS = { equals: "kEquals", starts_with: "kStartsWith", ends_with: "kEndsWith", contains: "kContains" };
const nodes = [];
const node = (op, children, text) => nodes.push(`{MatchNode::Op::${op}, ${children}, ${literal(text)}}`);

function writeRegex(pattern) {
  const split = splitNegativeLookahead(pattern);
  if (split === null) {
    if (/\(\?[=!<]/.test(pattern)) throw new Error(`look-around: ${pattern}`);
    return node("kRegex", 0, pattern);
  }
  node("kAnd", 2, "");
  node("kNot", 1, "");
  writeRegex(`^(?:${split[0]})`);
  writeRegex(`^(?:${split[1]})`);
}

function writeMatch(match) {
  const at = nodes.length;
  const [[key, value], ...more] = Object.entries(match);
  if (more.length > 0) throw new Error(`two keys: ${JSON.stringify(match)}`);
  if (key === "or" || key === "and") {
    node(key === "or" ? "kOr" : "kAnd", value.length, "");
    value.forEach(writeMatch);
  } else if (key === "regex") {
    writeRegex(value);
  } else if (OPERATIONS[key]) {
    node(OPERATIONS[key], 0, value.toLowerCase());
  } else {
    throw new Error(`unknown match: ${key}`);
  }
  return at;
}

// --- prices

const KEYS = ["input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok"];
const periods = [];

const nanodollars = (dollars) => (dollars === undefined ? -1 : Math.round(dollars * 1e9));

function writePeriod(from, prices) {
  const starts = new Set();
  for (const key of KEYS) for (const tier of prices[key]?.tiers ?? []) starts.add(tier.start);
  if (starts.size > 1) throw new Error(`several thresholds: ${JSON.stringify(prices)}`);
  const base = KEYS.map((key) => nanodollars(prices[key]?.base ?? prices[key]));
  const long = KEYS.map((key, at) => (prices[key]?.tiers?.length ? nanodollars(prices[key].tiers[0].price) : base[at]));
  const list = (values) => `{${values.map((value) => `${value}`).join(", ")}}`;
  periods.push(`{${from}, ${list(base)}, ${[...starts][0] ?? 0}, ${list(long)}}`);
}

const costOf = ({ prices }) => prices.input_mtok?.base ?? prices.input_mtok ?? 0;

function writePrices(prices) {
  const first = periods.length;
  if (!Array.isArray(prices)) {
    writePeriod(0, prices);
  } else if (prices.some(({ constraint }) => constraint?.type === "time_of_date")) {
    // The dearest hour and period: spending must not be counted too low.
    writePeriod(0, prices.reduce((dear, row) => (costOf(row) > costOf(dear) ? row : dear)).prices);
  } else {
    let last = -1;
    for (const { constraint, prices: listed } of prices) {
      if (constraint && constraint.type !== "start_date") throw new Error(`unknown constraint: ${constraint.type}`);
      const from = constraint ? Number(constraint.start_date.replaceAll("-", "")) : 0;
      if (from <= last) throw new Error(`periods out of order: ${JSON.stringify(prices)}`);
      last = from;
      writePeriod(from, listed);
    }
  }
  return [first, periods.length - first];
}

// --- everything

const models = [];
const fallbacks = [];
const rows = providers.map((provider) => {
  const nameMatch = provider.provider_match ? writeMatch(provider.provider_match) : -1;
  const modelMatch = provider.model_match ? writeMatch(provider.model_match) : -1;
  const firstModel = models.length;
  for (const model of provider.models) {
    const [first, count] = writePrices(model.prices);
    const title = literal(asciiOnly(model.name ?? model.id));
    models.push(
      `{${literal(model.id)}, ${title}, ${writeMatch(model.match)}, ${model.context_window ?? 0}, ${first}, ${count}}`,
    );
  }
  const firstFallback = fallbacks.length;
  for (const id of provider.fallback_model_providers ?? []) {
    const at = providers.findIndex((other) => other.id === id);
    if (at < 0) throw new Error(`no provider ${id}`);
    fallbacks.push(at);
  }
  const counts = [firstModel, models.length - firstModel, firstFallback, fallbacks.length - firstFallback];
  return `{${literal(provider.id)}, ${nameMatch}, ${modelMatch}, ${counts.join(", ")}}`;
});

const table = (type, name, lines) => `constexpr ${type} ${name}[] = {\n${lines.join(",\n")}};\n`;
writeFileSync(
  out,
  `#include "policy/price_tables.h"

namespace headroom::policy {
namespace {
${table("MatchNode", "kNodes", nodes)}
${table("ListedPricePeriod", "kPeriods", periods)}
${table("ListedModel", "kModels", models)}
${table("uint16_t", "kFallbacks", fallbacks)}
${table("ListedProvider", "kProviders", rows)}
constexpr PriceTables kTables = {${literal(version)}, ${literal(date)}, kProviders, kModels, kPeriods, kNodes, kFallbacks};
}  // namespace

const PriceTables& Tables() { return kTables; }

}  // namespace headroom::policy
`,
);
