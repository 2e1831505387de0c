// Ways in which a provider fails below HTTP.
//
//   { fault: 'close' }                        closes without a byte
//   { fault: 'half-head' }                    half a status line and header, then closes
//   { fault: 'hang' }                         answers nothing, ever
//   { fault: 'hang-body', head, body }        sends these bytes, then nothing, ever
//   { fault: 'cut', afterBytes, body, contentType }
//                                             a chunked response cut after that many body bytes
//   { fault: 'raw', bytes }                   exactly these bytes, then closes
//   { fault: 'html' }                         200 with an HTML page

const HTML = '<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Please log in</h1></body></html>';

const senders = {
  close: (request, response) => response.socket.destroy(),
  'half-head': (request, response) => response.socket.end('HTTP/1.1 200 OK\r\ncontent-type: applicat'),
  hang: () => {},
  'hang-body': (request, response, { body }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(body);
  },
  cut: (request, response, { body, afterBytes, contentType = 'text/event-stream' }) => {
    request.sent = Buffer.from(body).subarray(0, afterBytes);
    response.writeHead(200, { 'content-type': contentType });
    response.write(request.sent, () => setTimeout(() => response.socket?.destroy(), 30));
  },
  raw: (request, response, { bytes }) => response.socket.end(bytes),
  html: (request, response) => {
    request.sent = Buffer.from(HTML);
    response.writeHead(200, { 'content-type': 'text/html', 'content-length': request.sent.length });
    response.end(request.sent);
  },
};

export function sendFault(request, response, reply) {
  senders[reply.fault](request, response, reply);
}
