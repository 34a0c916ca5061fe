// Package strictjson reads JSON that people write by hand: scenarios, a
// broker's settings. It is strict where encoding/json is not (a key twice, a
// key that nobody knows, text that is no UTF-8, something behind the value),
// and every mistake is told with the path to the value and its line and column.
//
// A [Doc] remembers the first mistake, so that its values are read one after
// the other and the error is asked for once, at the end:
//
//	doc := strictjson.Parse(data)
//	o := doc.Root().Object()
//	name := o.Get("name").Text()
//	size := o.Get("size").Int(1, 100)
//	o.Done()
//	if err := doc.Err(); err != nil { … }
package strictjson
