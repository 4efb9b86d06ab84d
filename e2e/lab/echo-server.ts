import { createServer } from "node:http";

/**
 * The backend behind the lab's Services: answers every HTTP request with one line,
 * `pod NAME node NODE client IP`, and closes the connection unless the path is /stay. Arguments: port, pod name, node name.
 */
const [port = "8080", pod = "?", node = "?"] = process.argv.slice(2);

const server = createServer((request, response) => {
  const client = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  response.writeHead(200, { "content-type": "text/plain", connection: request.url === "/stay" ? "keep-alive" : "close" });
  response.end(`pod ${pod} node ${node} client ${client}\n`);
});
server.listen(Number(port), "::");
process.on("SIGTERM", () => process.exit(0)); // the first process of a container gets no default action
