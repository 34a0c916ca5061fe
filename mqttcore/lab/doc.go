// Package lab reads labs and judges what learners do in them.
//
// A lab is a text in steps. Each step asks for something that shows: packets
// on the wire, a packet that is built, an answer. A [Progress] is fed the
// events of the learner's bench in their order and says at any time which
// steps are passed, which checks of the step at hand are met, and what is the
// first thing that differs. It is pure: the same events and answers always
// give the same progress.
//
// # The file
//
// A lab is a folder with en.md, the lab, and zh.md, its translation. en.md
// begins with front matter between two lines of three hyphens (YAML):
//
//	title: Keep alive and PING
//	summary: Who has to say something, and when.
//	order: 5                        # its place in the list of labs
//	minutes: 10
//	version: 3.1.1                  # that the builder begins with
//	broker: {server_keep_alive: 5}  # configuration of the learner's broker
//	clients: [A, B]                 # virtual clients that are there from the start
//	cast: cast.json                 # a scenario that other clients play meanwhile
//	hand: true                      # no broker: the learner answers the clients
//
// What follows up to the first heading of level two is the introduction. Each
// such heading begins a step and gives it its id:
//
//	## Open the connection {#open}
//
// A step is Markdown with fenced blocks of these kinds among its text:
//
//	check     a list (YAML) of what must show; below
//	question  a question (YAML); below
//	hint      a hint (Markdown); several are shown one after the other
//	after     what is shown once the step is passed (Markdown)
//
// # Checks
//
// Each check has one of these keys, and may have a text that says to the
// learner what is asked:
//
//	saw: MATCH      such an event has happened; count: 3, or ">= 2", "<= 3"
//	never: MATCH    no such event since the step began
//	order: [MATCH…] such events in this order; within: 5s or over: 5s, from first
//	                to last; without: MATCH, or several, none of them in between;
//	                same: mqtt.msgid, a field of which all have the same value
//	built: MATCH    a packet that the learner has handed in, not sent
//
// A MATCH is a display filter of package filter, or a mapping with packet: a
// filter, bytes: the exact bytes in hex, opened: or closed: a client's name, or
// any. by: names the client on whose connection it happens, from: is client
// or server, how: is fin, rst, server or timeout. by and from may also stand
// beside saw and never. since: step leaves out what happened before the
// step began; never always does.
//
// # Questions
//
//	kind: choice    options: [A, B], answer: 1 counts from 1; or a list of all that are right
//	kind: number    answer: 128, or a list of numbers that are right
//	kind: text      answer: what it must be, without regard to case and outer spaces; or a list
//	kind: filter    answer: a display filter; whatever shows the same packets is right, too
//	kind: bytes     answer: the exact bytes in hex
//	kind: predict   about: MATCH; the learner says the bytes of the event before it comes
//
// Each has an ask and may have a why, shown once it is answered.
package lab
