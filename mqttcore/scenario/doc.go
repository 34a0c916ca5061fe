// Package scenario is what clients send to a broker, and when, as a file: a
// recording of a bench, or written by hand.
//
//	{
//	  "mqttlab": "scenario/1",
//	  "title": "A hears what B says",
//	  "broker": {"max_qos": 1},
//	  "clients": [{"id": "a", "name": "A"}, {"id": "b"}],
//	  "steps": [
//	    {"at": 0, "client": "a", "do": "open"},
//	    {"at": 0.012, "client": "a", "do": "send", "hex": "10 0d 00 04 4d 51 54 54 04 02 00 3c 00 01 41", "note": "CONNECT A"},
//	    {"client": "a", "do": "expect", "filter": "mqtt.msgtype == 2", "within": 2},
//	    {"after": 1.5, "client": "a", "do": "send", "packet": {"type": "SUBSCRIBE", "packet_id": 1, "subscriptions": [{"filter": "#"}]}},
//	    {"client": "a", "do": "close"}
//	  ],
//	  "until": 3
//	}
//
// The keys:
//
//   - "broker": the broker's configuration (package settings); without it, as
//     the broker is.
//   - "clients": who takes part. A "name" is for people; without it, the id.
//   - "steps", done in their order. "at" says when, in seconds since the
//     scenario began; "after", in seconds since the step before was done.
//     Without both a step is done at once. "note" is for people.
//   - "do": "open" a connection; "send" bytes on it, given as "hex" or as the
//     "packet" that POST /api/encode takes, whatever they are; "close" it (FIN);
//     "abort" it (RST); "expect".
//   - "expect" waits until the client has been sent a packet that passes
//     "filter" (package filter), or, with "closed": true, until the broker has
//     closed the connection: "within" so many seconds, 5 if nothing is said.
//     What came before the step counts, unless an earlier expect of the same
//     connection has taken it or passed over it. If it does not come the scenario fails.
//   - For labs there are three more: "reply" sends bytes to the client where a
//     person is the broker ([RunHand]); "answer" gives the "text" that answers
//     a lab's question; "build" hands in a packet without sending it. The last
//     two have no "client".
//   - "until": when the scenario ends, in seconds since it began, if that is
//     later than its last step.
//
// [Parse] reads a scenario and says of every mistake where it is. [Run] plays
// it on a broker in simulated time. [Player] is for those who play it on a
// real one.
package scenario
