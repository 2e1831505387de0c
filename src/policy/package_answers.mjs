// node package_answers.mjs INDEX_JS UNIX_MILLIS: what the package itself says of every
// name in its match clauses, for model_package_test.cc to compare with.
//
//   NAME <tab> PROVIDER <tab> ID <tab> WINDOW <tab> dollars for 300,000 tokens in and 10,000 out
import { pathToFileURL } from "node:url";

const [indexJs, unixMillis] = process.argv.slice(2);
const { calcPrice, waitForUpdate } = await import(pathToFileURL(indexJs));
const timestamp = new Date(Number(unixMillis));

const names = new Set();
const collect = (match) => {
  for (const [key, value] of Object.entries(match)) {
    if (Array.isArray(value)) value.forEach(collect);
    else if (key !== "regex") names.add(value);
  }
};
for (const provider of await waitForUpdate()) {
  if (!provider.model_match) continue;
  for (const { id, match } of provider.models) {
    names.add(id);
    collect(match);
  }
}
for (const name of names) {
  // Names with a prefix are looked up more widely than the package does.
  const answer = name.includes("/") ? null : calcPrice({ input_tokens: 300_000, output_tokens: 10_000 }, name, { timestamp });
  if (answer === null || Array.isArray(answer.model.prices) && answer.model.prices.some((row) => row.constraint?.type === "time_of_date")) continue;
  console.log([name, answer.provider.id, answer.model.id, answer.model.context_window ?? 0, answer.total_price].join("\t"));
}
