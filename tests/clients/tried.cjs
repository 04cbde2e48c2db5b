// Tells the test what of a client was tried, for docs/compatibility.md: a line for each.

const { readFileSync } = require("node:fs");
const { join } = require("node:path");

function version(name) {
  return JSON.parse(readFileSync(join(process.env.NODE_PATH, name, "package.json"))).version;
}

// A client as the table names it.
exports.client = (name, more = "") => `\`${name}\` ${version(name)}, Node${more}`;
exports.version = version;

// Notes what has been tried, in the words of the table's columns; `what=said` says more than yes.
exports.tried = (row, ...what) => {
  for (const one of what) {
    const [name, said] = one.split("=");
    console.log(["tried", row, name, said ?? "yes"].join("\t"));
  }
};
