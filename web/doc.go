// Package web holds the pages and their components. A component shows plain
// values ([annotate.Packet], [annotate.Document]) and decides nothing about
// MQTT itself: colours, names, meanings and findings all come with the value.
//
// The pages read sensibly without JavaScript. The modules in static/js add
// what moves: they link parts of a page by the keys that the components write.
//
//   - data-scope names a packet on the page; everything inside belongs to it.
//   - data-f is the key of a field in that packet: its name, and for the second
//     field of the same name "~2" behind it.
package web
