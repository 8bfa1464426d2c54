/* global document, location, WebSocket, URL */
const talk = document.querySelector('#talk');
const form = document.querySelector('#say');
const input = form.elements.namedItem('text');

const url = new URL(form.dataset.socket, location.href);
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
const socket = new WebSocket(url);

socket.addEventListener('message', (event) => {
  const { from, text } = JSON.parse(event.data);
  show(from, text);
});
socket.addEventListener('close', () => {
  show('', 'The connection has ended. Load the page again.');
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(input.value);
  input.value = '';
});

function show(from, text) {
  const line = document.createElement('li');
  const who = document.createElement('b');
  who.textContent = from;
  line.append(who, ' ', text);
  talk.append(line);
  line.scrollIntoView({ block: 'nearest' });
}
