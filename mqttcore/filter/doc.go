// Package filter selects annotated packets by Wireshark's display-filter
// syntax: the filter box, the lab checks, "mqttlab decode -Y" and the API all
// speak it, so that what a learner types here works in Wireshark, too.
//
//	f, err := filter.Parse(`mqtt.msgtype == 3 && mqtt.topic contains "a/"`)
//	f.Match(filter.View{Packet: &p})
//
// # What is understood
//
// The syntax is that of wireshark-filter(4) of Wireshark 4.0, against which a
// test compares this package:
//
//   - a field alone: the packet has it, whatever its value; mqtt: any packet
//   - == != > >= < <= === !== and their names eq ne gt ge lt le all_eq any_ne …
//   - contains, matches or ~ (a regular expression in RE2's syntax; case does
//     not matter, (?-i) makes it matter), in {1, 3, 5..9}, not in {…}
//   - and, or, not, xor, also && || ! ^^; not binds first, then and, xor, or
//   - "text" with the escapes \" \\ \n \x41 \101 \u00e9, r"raw text", 'c'
//   - 10, 0x0a, 0b1010, 012; bytes as 30:0d:00, 30-0d-00 or 30.0d.00
//   - slices by bytes: mqtt.msg[0:4], [0-3], [2], [:4], [-2:], [0,4-5]; one
//     that reaches behind the end of the value is empty
//   - of bytes, slices among them, the longer is the greater
//   - len(f) in bytes, count(f), lower(f), upper(f), string(f), abs(f);
//     max(f, g, 5) and min(…) of all values of one type
//   - + - * / % on numbers, {…} around them, & for bits: mqtt.hdrflags & 0x02
//   - any and all before a comparison
//
// # Fields that stand more than once
//
// A packet may hold a field several times, as SUBSCRIBE its topics. As in
// Wireshark since 4.0, a == b asks whether any value is equal and a != b
// whether all differ; === asks whether all are equal, !== whether any
// differs. The other comparisons ask for any value. "any" and "all" before a
// comparison say it outright. A packet without the field fulfils none of
// them: use !(mqtt.msgid == 1) to have it too. Only "not in" is the plain
// opposite of "in".
//
// # What Wireshark 4.0 has not
//
//   - the names of packet types as values: mqtt.msgtype == PUBLISH; Wireshark
//     takes 3 or "Publish Message", which are understood here as well
//   - other names without regard to case: mqtt.conack.val == "not authorized"
//   - xor and ^^ (Wireshark has them since 4.2), spaces instead of commas in
//     sets (Wireshark until 3.6)
//   - fields that FieldInfo.Wireshark denies, such as mqtt.property.receive_max
//     and all of mqttlab's own: mqttlab.finding, mqttlab.severity,
//     mqttlab.direction, mqttlab.client
//
// Wireshark's layers (#), references, dates and host names are left out, and
// a text must stand in quotes.
package filter
