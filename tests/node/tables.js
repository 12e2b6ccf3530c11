// Azurite's tables, for as long as somebody holds the standard input open, and no longer than half an hour: whoever
// started this takes it along, even when killed.
process.stdin.on("end", () => process.exit()).resume();
setTimeout(() => process.exit(), 30 * 60 * 1000).unref();
require("azurite/dist/src/table/main.js");
