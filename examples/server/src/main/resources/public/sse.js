// Reads server-sent events from a response, as the HTML standard describes them.

const LINE_END = /\r\n|\n|\r/;

/** A parser to be fed with pieces of text, cut anywhere; calls `onEvent({type, data, id})` for each whole event. */
function eventParser(onEvent) {
  let rest = '';
  let started = false;
  let data = [];
  let type = '';
  let id = null;

  function line(text) {
    if (text === '') {
      if (data.length > 0) {
        onEvent({ type: type || 'message', data: data.join('\n'), id });
      }
      data = [];
      type = '';
      return;
    }
    const colon = text.indexOf(':');
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') {
      data.push(value);
    } else if (name === 'event') {
      type = value;
    } else if (name === 'id' && !value.includes('\0')) {
      id = value;
    }
  }

  return (text) => {
    rest += started ? text : text.replace(/^\uFEFF/, '');
    started ||= text !== '';
    for (;;) {
      const end = LINE_END.exec(rest);
      // A carriage return at the very end may be the first half of a pair.
      if (!end || (end[0] === '\r' && end.index === rest.length - 1)) {
        return;
      }
      line(rest.slice(0, end.index));
      rest = rest.slice(end.index + end[0].length);
    }
  };
}

/** Reads a response to its end. `onBytes` hears of every piece, heartbeats included. */
export async function readEvents(response, onEvent, onBytes) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parse = eventParser(onEvent);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    onBytes();
    parse(decoder.decode(value, { stream: true }));
  }
}
