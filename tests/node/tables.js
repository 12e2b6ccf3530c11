// Azurite's tables, for as long as somebody holds the standard input open, and no longer than three hours: whoever
// started this takes it along, even when killed. It takes a free port itself and prints it, so that no other process
// takes the port in between.
process.stdin.on("end", () => process.exit()).resume();
setTimeout(() => process.exit(), 3 * 60 * 60 * 1000).unref();
console.log = () => {}; // only the port is read
const { Server } = require("node:net");
const { listen } = Server.prototype;
Server.prototype.listen = function (...given) {
  this.once("listening", () => process.stdout.write(`${this.address().port}\n`));
  return listen.apply(this, given);
};
require("azurite/dist/src/table/main.js");
